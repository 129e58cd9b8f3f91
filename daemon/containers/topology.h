// SPDX-License-Identifier: Apache-2.0
// The containers of this node, now and lately. A container gets a handle when it is first seen;
// handles are never used again, so an event that carries one can't be given to a later container
// that happens to have the same inode or pid.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "bpf/abi.h"
#include "containers/container.h"
#include "containers/selector.h"

namespace swoll {

using ContainerHandle = uint64_t;  // 0: none

enum class NamespaceKind : uint8_t { mount, pid };

// Of a unit, which the kernel must not take for a container.
inline bool isUnit(ContainerHandle handle) { return handle & SWOLL_UNIT; }
inline bool isContainer(ContainerHandle handle) {
  return handle && !(handle & (SWOLL_NEWCOMER | SWOLL_UNIT | SWOLL_ENTERED));
}

struct KnownContainer {
  ContainerHandle handle = 0;
  Container info;
  bool hidden = false;  // the observer's selectors leave it out: it is neither traced nor host
  uint64_t told = 0;    // the last of the topology's lists that it was in
};

// What is not as it was before. A value.
struct TopologyChanges {
  std::vector<ContainerHandle> present;   // those that came, and those that others must look at
  std::vector<ContainerHandle> departed;  // still findable

  bool empty() const { return present.empty() && departed.empty(); }
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
  // Takes over a new list. Containers that are gone stay findable by handle for late events, up to
  // a bound. One that is as it was costs a look-up and a comparison, and no memory.
  TopologyChanges update(const std::vector<Container>& now);
  // One container that was seen apart from a list; the next list says whether it is still there.
  ContainerHandle enter(const Container& container, TopologyChanges& changes);
  // Who changed sides.
  TopologyChanges select(NodeSelector selector);

  const std::map<ContainerHandle, KnownContainer>& containers() const { return present; }
  // Present or departed; null when neither. The pointer holds until the next change.
  const KnownContainer* find(ContainerHandle handle) const;
  const std::string& node() const { return selector.node; }

  // The host's own namespaces, which name no container, whoever shares them. While one is not known
  // (0), no namespace of its kind names any.
  void setHostNamespaces(uint32_t pid, uint32_t mount);
  uint32_t hostPidNamespace() const { return hostPid; }
  // Who can tell whether a container still has a namespace, whose number is soon another's.
  using Living = std::function<bool(const KnownContainer&, NamespaceKind)>;
  void setLiving(Living newLiving) { living = std::move(newLiving); }
  // The container to which one of these namespaces alone belongs, the mount namespace's first; null
  // when it is the charged one's as well, or that of a hidden one, of several or of none. Constant
  // time; holds until the next update().
  const KnownContainer* acting(uint32_t pidNamespace, uint32_t mountNamespace,
                               ContainerHandle charged) const;

 private:
  // What makes a container this one and not its successor under the same name.
  using Identity = std::tuple<std::string_view, uint64_t, uint32_t, uint64_t>;
  struct IdentityHash {
    size_t operator()(const Identity& of) const;
  };
  static Identity identity(const Container& container);
  // By a namespace's number, who was seen in it.
  using Owners = std::unordered_map<uint32_t, std::vector<ContainerHandle>>;

  void depart(ContainerHandle handle);
  void own(const KnownContainer& known);
  void disown(const KnownContainer& known);

  NodeSelector selector;
  ContainerHandle last = 0;
  uint64_t lists = 0;
  std::map<ContainerHandle, KnownContainer> present;
  std::unordered_map<Identity, KnownContainer*, IdentityHash> byIdentity;  // keys borrowed of those
  std::map<ContainerHandle, KnownContainer> departed;
  std::deque<ContainerHandle> departures;  // of those, the first to leave in front
  uint32_t hostPid = 0, hostMount = 0;
  Owners byPid, byMount;  // of those present
  Living living;
};

}  // namespace swoll
