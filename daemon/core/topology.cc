// SPDX-License-Identifier: Apache-2.0
#include "core/topology.h"

#include <tuple>

namespace swoll {
namespace {

constexpr size_t mostDeparted = 4096;

// What makes a container this one and not its successor under the same name.
auto identity(const Container& c) {
  // The kernel uses a pid namespace's number again, but not a cgroup's.
  return std::make_tuple(c.id, c.cgroupId, c.cgroupId ? 0u : c.pidNamespace,
                         c.cgroupId ? uint64_t(0) : c.startTime);
}

}  // namespace

bool NodeSelector::shows(const Container& c) const {
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
        known.info = *same->second;
        known.hidden = !selector.shows(known.info);
        changed = true;
      }
      wanted.erase(same);
    }
  }
  for (auto& [key, c] : wanted) {
    ++last;  // apart: an assignment's right side comes first
    present[last] = KnownContainer{last, *c, !selector.shows(*c)};
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
  departed.insert(present.extract(handle));
  departures.push_back(handle);
  if (departures.size() <= mostDeparted) return;
  departed.erase(departures.front());
  departures.pop_front();
}

const KnownContainer* Topology::find(ContainerHandle handle) const {
  for (auto* among : {&present, &departed})
    if (auto found = among->find(handle); found != among->end()) return &found->second;
  return nullptr;
}

}  // namespace swoll
