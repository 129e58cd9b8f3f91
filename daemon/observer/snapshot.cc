// SPDX-License-Identifier: Apache-2.0
#include "observer/snapshot.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace swoll {
namespace {

void takePlace(Container& named, const Container& found) {
  named.pid = found.pid;
  named.cgroupPath = found.cgroupPath;
  named.cgroupId = found.cgroupId;
  named.pidNamespace = found.pidNamespace;
  named.mountNamespace = found.mountNamespace;
  named.startTime = found.startTime;
}

}  // namespace

Snapshot::Part Snapshot::part(std::string_view start) const {
  for (const Part& part : parts)
    if (part.name.starts_with(start)) return part;
  return {};
}

std::vector<Container> mergeContainers(const CriView& cri, std::vector<Container> found,
                                       const std::function<bool(const Container&)>& isAlive) {
  std::unordered_map<std::string_view, const Container*> byId;
  std::unordered_map<uint64_t, const Container*> byCgroup;
  for (const Container& c : found) {
    byId.emplace(c.id, &c);
    if (c.cgroupId != 0) byCgroup.emplace(c.cgroupId, &c);
  }
  std::vector<Container> all;
  std::set<const Container*> taken;
  std::set<std::string_view> ids;  // two runtimes that claim one id: the first is believed
  for (const Container& c : cri.containers) {
    if (!ids.insert(c.id).second) continue;
    const auto same = byId.find(c.id);
    const auto cgroup = same == byId.end() ? byCgroup.find(c.cgroupId) : byCgroup.end();
    const bool isFound = same != byId.end() || cgroup != byCgroup.end();
    if (!isFound && !isAlive(c)) continue;
    all.push_back(c);
    if (same != byId.end()) takePlace(all.back(), *same->second);
    if (isFound) taken.insert(same != byId.end() ? same->second : cgroup->second);
  }
  for (const Container& c : found)
    if (!taken.contains(&c) && !cri.sandboxes.contains(c.id)) all.push_back(c);
  std::stable_sort(all.begin(), all.end(),
                   [](const Container& a, const Container& b) { return a.id < b.id; });
  return all;
}

}  // namespace swoll
