// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/proc-observer.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "observer/cgroup/cgroup-name.h"

namespace swoll {
namespace {

bool isNamespaceInit(const ProcFs& proc, uint32_t pid) {
  const auto numbers = proc.namespacePids(pid);
  return !numbers.empty() && numbers.back() == 1;
}

// What the lack of cgroup v2 means for these.
std::string withoutCgroups(const std::vector<Container>& containers) {
  std::map<uint32_t, size_t> sharing;
  for (const Container& c : containers) ++sharing[c.pidNamespace];
  size_t shared = 0;
  for (const auto& [space, count] : sharing) shared += count > 1 ? count : 0;
  std::string note =
      "no cgroup v2 to be seen: containers are named by their v1 cgroups and told apart by pid "
      "namespace; those that share the host's are not seen";
  if (shared > 0) note += "; " + std::to_string(shared) + " share one and can't be told apart";
  return note;
}

}  // namespace

ProcScan ProcObserver::scan() {
  ProcScan result;
  const bool hasCgroups = proc_.cgroupMount().has_value();
  const auto host = proc_.hostPidNamespace();
  if (!host) result.problem = "cannot read " + proc_.root() + "/proc/1/ns/pid";

  // A machine that is a container itself has that name in all v1 paths: it tells nothing apart.
  const CgroupPlace init = placeIn(proc_.cgroupText(1).value_or(""));
  std::map<std::string, CgroupPlace> places;
  std::map<std::string, Group> named;  // by the container's cgroup
  ForeignByNamespace foreign;
  Population population;
  for (const uint32_t pid : proc_.pids()) {
    const auto [entry, isNew] = places.try_emplace(proc_.cgroupText(pid).value_or(""));
    if (isNew) entry->second = placeIn(entry->first);
    const CgroupPlace& place = entry->second;
    if (place.name && !place.byV1) {
      addNamed(named, *place.name, false, pid);
      continue;
    }
    auto space = proc_.pidNamespace(pid);
    if (!space && proc_.namespacePids(pid).size() == 1) space = host;  // not ours to read
    if (!space || !host) continue;
    if (place.byV1 && *space != *host && place.name != init.name) {
      addNamed(named, *place.name, true, pid);
      continue;
    }
    population[place.path].insert(*space);
    if (*space != *host) foreign[*space].pids.push_back(pid);
  }

  if (!foreign.empty()) leaveOutEntered(foreign, named, *host);
  std::vector<Group> groups = groupForeign(foreign, population);
  for (auto& entry : named) {
    Group& group = entry.second;
    if (!isHoused(group.cgroupPath, false)) groups.push_back(std::move(group));
  }
  for (const Group& group : groups) {
    auto container = describe(group, host);
    if (!container) continue;
    if (group.kubernetes) result.kubernetes.insert(container->id);
    result.containers.push_back(std::move(*container));
  }
  leads_ = std::exchange(nextLeads_, {});
  std::sort(result.containers.begin(), result.containers.end(),
            [](const Container& a, const Container& b) {
              return std::tie(a.id, a.cgroupPath) < std::tie(b.id, b.cgroupPath);
            });
  if (!hasCgroups) result.note = withoutCgroups(result.containers);
  return result;
}

void ProcObserver::addNamed(std::map<std::string, Group>& named, const CgroupName& name, bool byV1,
                            uint32_t pid) {
  const std::string key = (byV1 ? "v1:" : "") + name.path;
  const std::string path = byV1 ? "" : name.path;
  named.try_emplace(key, Group{name.id, "cgroup", path, {}, key, name.kubernetes})
      .first->second.pids.push_back(pid);
}

// A process that entered a container's namespace from elsewhere, as nsenter(1) does, is no
// container: it stays the host's, or whose cgroup it is in.
void ProcObserver::leaveOutEntered(ForeignByNamespace& foreign,
                                   const std::map<std::string, Group>& named, uint32_t host) {
  std::set<uint32_t> owned;
  for (const auto& [path, group] : named)
    if (const auto first = lead(group.key, group.pids))
      owned.insert(proc_.pidNamespace(first->pid).value_or(0));
  owned.erase(host);  // that of a pod with hostPID, and what all others are in
  // Not one that begins outside: what is named then is in that container, an engine's.
  std::erase_if(owned, [&](uint32_t space) {
    const auto at = foreign.find(space);
    return at != foreign.end() &&
           std::any_of(at->second.pids.begin(), at->second.pids.end(),
                       [&](uint32_t pid) { return isNamespaceInit(proc_, pid); });
  });
  if (owned.empty()) return;
  const auto isOwned = [&](uint32_t space) { return owned.contains(space); };
  std::erase_if(foreign, [&](const auto& entry) {
    // All its processes are in the same ones: the first that still lives tells.
    for (const uint32_t pid : entry.second.pids)
      if (const auto spaces = proc_.pidNamespaces(pid); spaces.size() > 1)
        return std::any_of(spaces.begin(), spaces.end(), isOwned);
    return isOwned(entry.first);
  });
}

std::optional<ProcObserver::Lead> ProcObserver::lead(const std::string& key,
                                                     const std::vector<uint32_t>& pids) {
  std::optional<Lead> first;
  const auto consider = [&](uint32_t pid) {
    const auto stat = proc_.stat(pid);
    if (!stat || !stat->alive || stat->kernelThread) return;
    if (first && stat->startTime > first->startTime) return;
    // Within one clock tick: pid 1 of its namespace was there before its children.
    const bool sameTick = first && stat->startTime == first->startTime;
    if (sameTick && (isNamespaceInit(proc_, first->pid) || !isNamespaceInit(proc_, pid))) return;
    first = Lead{pid, stat->startTime, stat->comm};
  };

  const auto known = leads_.find(key);
  if (known != leads_.end() && std::binary_search(pids.begin(), pids.end(), known->second.pid)) {
    consider(known->second.pid);
    if (first && first->startTime != known->second.startTime) first.reset();
  }
  if (!first) std::for_each(pids.begin(), pids.end(), consider);
  if (first) nextLeads_[key] = *first;
  return first;
}

std::optional<Container> ProcObserver::describe(const Group& group, std::optional<uint32_t> host) {
  const bool byNamespace = group.source == "pidns";
  const auto first = lead(group.key, group.pids);
  if (!first) return std::nullopt;
  const auto space = proc_.pidNamespace(first->pid);

  Container container;
  container.id = group.id;
  container.name = byNamespace ? first->comm : group.id;
  container.phase = "Running";
  container.pid = first->pid;
  container.source = group.source;
  container.cgroupPath = group.cgroupPath;
  if (!group.cgroupPath.empty()) container.cgroupId = proc_.cgroupId(group.cgroupPath).value_or(0);
  container.pidNamespace = space.value_or(0);
  container.mountNamespace = proc_.mountNamespace(first->pid).value_or(0);
  container.startTime = first->startTime;
  // Without a cgroup the namespace is all that names it, and the host's would name everything.
  const bool isNameable = container.cgroupId != 0 || (host && space && *space != *host);
  return isNameable ? std::optional(std::move(container)) : std::nullopt;
}

}  // namespace swoll
