// SPDX-License-Identifier: Apache-2.0
// The containers of this node, now and lately. A container gets a handle when it is first seen;
// handles are never used again, so an event that carries one can't be given to a later container
// that happens to have the same inode or pid.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "core/container.h"
#include "core/selector.h"

namespace swoll {

using ContainerHandle = uint64_t;  // 0: none

struct KnownContainer {
  ContainerHandle handle = 0;
  Container info;
  bool hidden = false;  // the observer's selectors leave it out: it is neither traced nor host
};

// What the node-wide selectors let through. A value.
struct NodeSelector {
  Selector labels, fields;
  std::string nameSpace;
  std::string node;  // this node's name, for spec.nodeName

  bool shows(const Container& container) const;
};

class Topology {
 public:
  // Takes over a new list; true when anything differs. Containers that are gone stay findable by
  // handle for late events, up to a bound.
  bool update(const std::vector<Container>& now);
  // True when a container changed sides.
  bool select(NodeSelector selector);

  const std::map<ContainerHandle, KnownContainer>& containers() const { return present; }
  // Present or departed; null when neither. The pointer holds until the next update().
  const KnownContainer* find(ContainerHandle handle) const;
  const std::string& node() const { return selector.node; }

 private:
  void depart(ContainerHandle handle);

  NodeSelector selector;
  ContainerHandle last = 0;
  std::map<ContainerHandle, KnownContainer> present;
  std::map<ContainerHandle, KnownContainer> departed;
  std::deque<ContainerHandle> departures;  // of those, the first to leave in front
};

}  // namespace swoll
