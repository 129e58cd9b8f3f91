// SPDX-License-Identifier: Apache-2.0
#include "containers/topology.h"

#include <functional>
#include <utility>

namespace swoll {
namespace {

constexpr size_t mostDeparted = 4096;

}  // namespace

bool NodeSelector::shows(const Container& c) const {
  // Selectors choose among containers; a unit that they hid would be taken from the host.
  if (c.isUnit()) return true;
  return (nameSpace.empty() || c.nameSpace == nameSpace) && labels.matchesLabels(c.labels) &&
         (c.source != "cri" || fields.matchesFields(c, node));
}

Topology::Identity Topology::identity(const Container& c) {
  // The kernel uses a pid namespace's number again, but not a cgroup's.
  return {c.id, c.cgroupId, c.cgroupId ? 0u : c.pidNamespace,
          c.cgroupId ? uint64_t(0) : c.startTime};
}

size_t Topology::IdentityHash::operator()(const Identity& of) const {
  auto [id, cgroup, space, start] = of;
  size_t hash = std::hash<std::string_view>()(id);
  for (uint64_t part : {cgroup, uint64_t(space), start}) hash = (hash ^ part) * 0x9e3779b97f4a7c15;
  return hash;
}

ContainerHandle Topology::enter(const Container& c, TopologyChanges& changes) {
  auto found = byIdentity.find(identity(c));
  KnownContainer* known;
  if (found == byIdentity.end()) {
    ContainerHandle handle = ++last | (c.isUnit() ? SWOLL_UNIT : 0);
    known = &present[handle];
    known->handle = handle;
  } else {
    known = found->second;
    if (known->info == c) return known->handle;
    byIdentity.erase(found);  // its key lies in what is now written over
    disown(*known);
  }
  known->info = c;
  known->hidden = !selector.shows(c);
  byIdentity.emplace(identity(known->info), known);
  own(*known);
  changes.present.push_back(known->handle);
  return known->handle;
}

TopologyChanges Topology::update(const std::vector<Container>& now) {
  TopologyChanges changes;
  lists++;
  size_t there = 0;
  for (const Container& c : now) {
    auto found = byIdentity.find(identity(c));
    KnownContainer* known = found == byIdentity.end() ? nullptr : found->second;
    if (known && known->told == lists) continue;  // told twice
    if (!known || known->info != c) known = &present.at(enter(c, changes));
    known->told = lists;
    there++;
  }
  if (there == present.size()) return changes;
  for (auto it = present.begin(); it != present.end();) {
    const KnownContainer& known = (it++)->second;
    if (known.told == lists) continue;
    changes.departed.push_back(known.handle);
    depart(known.handle);
  }
  return changes;
}

TopologyChanges Topology::select(NodeSelector newSelector) {
  // Traces may ask for the node's name, too.
  bool renamed = newSelector.node != selector.node;
  selector = std::move(newSelector);
  TopologyChanges changes;
  for (auto& [handle, known] : present) {
    bool hidden = !selector.shows(known.info);
    if (std::exchange(known.hidden, hidden) != hidden || renamed) changes.present.push_back(handle);
  }
  return changes;
}

void Topology::depart(ContainerHandle handle) {
  byIdentity.erase(identity(present.at(handle).info));
  disown(present.at(handle));
  departed.insert(present.extract(handle));
  departures.push_back(handle);
  if (departures.size() <= mostDeparted) return;
  departed.erase(departures.front());
  departures.pop_front();
}

void Topology::setHostNamespaces(uint32_t pid, uint32_t mount) {
  hostPid = pid;
  hostMount = mount;
}

void Topology::own(const KnownContainer& known) {
  if (known.info.isUnit()) return;
  byPid[known.info.pidNamespace].push_back(known.handle);
  byMount[known.info.mountNamespace].push_back(known.handle);
}

void Topology::disown(const KnownContainer& known) {
  for (auto [owners, inode] :
       {std::pair{&byPid, known.info.pidNamespace}, {&byMount, known.info.mountNamespace}}) {
    auto found = owners->find(inode);
    if (found == owners->end()) continue;
    std::erase(found->second, known.handle);
    if (found->second.empty()) owners->erase(found);
  }
}

const KnownContainer* Topology::acting(uint32_t pidNamespace, uint32_t mountNamespace,
                                       ContainerHandle charged) const {
  auto other = [&](const Owners& owners, NamespaceKind kind, uint32_t inode,
                   uint32_t hosts) -> const KnownContainer* {
    if (!inode || !hosts || inode == hosts) return nullptr;
    auto found = owners.find(inode);
    if (found == owners.end()) return nullptr;
    const KnownContainer* only = nullptr;
    for (ContainerHandle owner : found->second) {
      if (owner == charged) return nullptr;
      const KnownContainer& known = present.at(owner);
      if (living && !living(known, kind)) continue;
      if (only) return nullptr;
      only = &known;
    }
    return only && !only->hidden ? only : nullptr;
  };
  const KnownContainer* byMounts = other(byMount, NamespaceKind::mount, mountNamespace, hostMount);
  return byMounts ? byMounts : other(byPid, NamespaceKind::pid, pidNamespace, hostPid);
}

const KnownContainer* Topology::find(ContainerHandle handle) const {
  for (auto* among : {&present, &departed})
    if (auto found = among->find(handle); found != among->end()) return &found->second;
  return nullptr;
}

}  // namespace swoll
