// SPDX-License-Identifier: Apache-2.0
// The containers of this node, now and lately. A container gets a handle when it is first seen;
// handles are never used again, so an event that carries one can't be given to a later container
// that happens to have the same inode or pid.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "bpf/abi.h"
#include "core/container.h"
#include "core/selector.h"

namespace swoll {

using ContainerHandle = uint64_t;  // 0: none

// Of a unit, which the kernel must not take for a container.
inline bool isUnit(ContainerHandle handle) { return handle & SWOLL_UNIT; }
inline bool isContainer(ContainerHandle handle) {
  return handle && !(handle & (SWOLL_UNIT | SWOLL_ENTERED));
}

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

  // The host's own namespaces, which name no container, whoever shares them. While one is not known
  // (0), no namespace of its kind names any.
  void setHostNamespaces(uint32_t pid, uint32_t mount);
  uint32_t hostPidNamespace() const { return hostPid; }
  // The container to which one of these namespaces alone belongs, the mount namespace's first; null
  // when that is the charged one, hidden or none. Constant time; holds until the next update().
  const KnownContainer* acting(uint32_t pidNamespace, uint32_t mountNamespace,
                               ContainerHandle charged) const;

 private:
  // By a namespace's number, who was seen in it.
  using Owners = std::unordered_map<uint32_t, std::vector<ContainerHandle>>;

  void depart(ContainerHandle handle);
  void own(const KnownContainer& known);
  void disown(const KnownContainer& known);

  NodeSelector selector;
  ContainerHandle last = 0;
  std::map<ContainerHandle, KnownContainer> present;
  std::map<ContainerHandle, KnownContainer> departed;
  std::deque<ContainerHandle> departures;  // of those, the first to leave in front
  uint32_t hostPid = 0, hostMount = 0;
  Owners byPid, byMount;  // of those present
};

}  // namespace swoll
