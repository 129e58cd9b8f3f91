// SPDX-License-Identifier: Apache-2.0
#include "core/topology.h"

#include <tuple>

namespace swoll {
namespace {

constexpr size_t mostDeparted = 4096;

// What makes a container this one and not its successor under the same name.
auto identity(const Container& c) {
  return std::make_tuple(c.id, c.cgroupId, c.cgroupId ? 0u : c.pidNamespace);
}

}  // namespace

bool NodeSelector::shows(const Container& c) const {
  // Selectors choose among containers; a unit that they hid would be taken from the host.
  if (c.isUnit()) return true;
  return (nameSpace.empty() || c.nameSpace == nameSpace) && labels.matchesLabels(c.labels) &&
         (c.source != "cri" || fields.matchesFields(c, node));
}

bool Topology::update(const std::vector<Container>& now) {
  bool changed = false;
  std::map<decltype(identity(Container{})), const Container*> wanted;
  for (const Container& c : now) wanted.emplace(identity(c), &c);

  for (auto it = present.begin(); it != present.end();) {
    auto& known = (it++)->second;
    auto same = wanted.find(identity(known.info));
    if (same == wanted.end()) {
      depart(known.handle);
      changed = true;
    } else {
      if (known.info != *same->second) {
        disown(known);
        known.info = *same->second;
        known.hidden = !selector.shows(known.info);
        own(known);
        changed = true;
      }
      wanted.erase(same);
    }
  }
  for (auto& [key, c] : wanted) {
    ContainerHandle handle = ++last | (c->isUnit() ? SWOLL_UNIT : 0);
    present[handle] = KnownContainer{handle, *c, !selector.shows(*c)};
    own(present[handle]);
    changed = true;
  }
  return changed;
}

bool Topology::select(NodeSelector newSelector) {
  selector = std::move(newSelector);
  bool changed = false;
  for (auto& [handle, known] : present) {
    bool hidden = !selector.shows(known.info);
    changed |= hidden != known.hidden;
    known.hidden = hidden;
  }
  return changed;
}

void Topology::depart(ContainerHandle handle) {
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
  auto other = [&](const Owners& owners, uint32_t inode, uint32_t hosts) -> const KnownContainer* {
    if (!inode || !hosts || inode == hosts) return nullptr;
    auto found = owners.find(inode);
    if (found == owners.end() || found->second.size() != 1 || found->second[0] == charged)
      return nullptr;
    const KnownContainer& known = present.at(found->second[0]);
    return known.hidden ? nullptr : &known;
  };
  const KnownContainer* byMounts = other(byMount, mountNamespace, hostMount);
  return byMounts ? byMounts : other(byPid, pidNamespace, hostPid);
}

const KnownContainer* Topology::find(ContainerHandle handle) const {
  for (auto* among : {&present, &departed})
    if (auto found = among->find(handle); found != among->end()) return &found->second;
  return nullptr;
}

}  // namespace swoll
