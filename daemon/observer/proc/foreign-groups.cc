// SPDX-License-Identifier: Apache-2.0
// Containers that no cgroup's name tells: the pid namespaces that are not the host's, each with the
// cgroup that is its own, its home, if there is one.
#include <algorithm>
#include <utility>

#include "observer/cgroup/cgroup-name.h"
#include "observer/proc/proc-observer.h"

namespace swoll {
namespace {

std::string parentOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The deepest cgroup that holds both.
std::string commonAncestor(std::string a, const std::string& b) {
  while (!isWithin(b, a)) a = parentOf(a);
  return a;
}

template <typename Visit>
void eachWithin(const std::map<std::string, std::set<uint32_t>>& population, const std::string& top,
                Visit visit) {
  for (auto at = population.lower_bound(top); at != population.end() && at->first.starts_with(top);
       ++at)
    if (isWithin(at->first, top)) visit(at->first, at->second);
}

std::string pidNamespaceId(uint32_t inode) { return "pidns:" + std::to_string(inode); }

}  // namespace

std::optional<std::string> ProcObserver::home(uint32_t pidNamespace, const ForeignByNamespace& all,
                                              const Population& population) {
  const Foreign& mine = all.at(pidNamespace);
  const auto isExclusive = [&](const std::string& top) {
    bool exclusive = true;
    eachWithin(population, top, [&](const std::string&, const std::set<uint32_t>& spaces) {
      for (const uint32_t space : spaces) {
        const auto other = all.find(space);
        const bool nested = other != all.end() && other->second.depth > mine.depth;
        exclusive = exclusive && (space == pidNamespace || nested);
      }
    });
    return exclusive;
  };

  // The widest cgroup that is this namespace's alone, and then no wider than its processes spread.
  std::string widest;
  for (std::string top = mine.leadCgroup; top.size() > 1 && isExclusive(top); top = parentOf(top))
    widest = top;
  if (widest.empty()) return std::nullopt;
  std::string spread = mine.leadCgroup;
  eachWithin(population, widest, [&](const std::string& path, const std::set<uint32_t>&) {
    spread = commonAncestor(spread, path);
  });
  // A container that runs systemd puts its init one down, before anything else is there to tell.
  if (spread.ends_with("/init.scope") && spread.size() > widest.size()) spread = parentOf(spread);
  if (isFolderName(spread)) return std::nullopt;
  return spread;
}

bool ProcObserver::isHoused(const std::string& cgroup, bool itself) const {
  return std::any_of(homes_.begin(), homes_.end(), [&](const auto& entry) {
    const std::string& top = entry.second.cgroupPath;
    return isWithin(cgroup, top) && (itself || cgroup != top);
  });
}

std::vector<ProcObserver::Group> ProcObserver::groupForeign(ForeignByNamespace& all,
                                                            const Population& population) {
  for (auto at = all.begin(); at != all.end();) {
    Foreign& foreign = at->second;
    const auto first = lead(pidNamespaceId(at->first), foreign.pids);
    if (!first) {
      at = all.erase(at);
      continue;
    }
    foreign.lead = *first;
    foreign.leadCgroup = placeIn(proc_.cgroupText(first->pid).value_or("")).path;
    foreign.depth = proc_.namespacePids(first->pid).size();
    ++at;
  }

  std::map<uint32_t, Home> homes;
  for (const auto& [space, foreign] : all) {
    // Once found a home stays: `runc exec` brings a process of the host's namespace into the
    // container's cgroup for a moment, and that must not rename the container.
    const auto known = homes_.find(space);
    if (known != homes_.end() && known->second.of.startTime == foreign.lead.startTime &&
        isWithin(foreign.leadCgroup, known->second.cgroupPath))
      homes[space] = known->second;
    else if (auto path = home(space, all, population))
      homes[space] = Home{foreign.lead, std::move(*path)};
  }
  homes_ = std::move(homes);

  // What is inside of another's home (a namespace made within a container) is part of that one.
  std::map<std::string, Group> byCgroup;
  std::vector<Group> groups;
  for (const auto& [space, foreign] : all) {
    if (const auto own = homes_.find(space); own != homes_.end()) {
      const std::string& path = own->second.cgroupPath;
      if (isHoused(path, false)) continue;
      Group& group = byCgroup[path];
      group.id = path.substr(path.rfind('/') + 1);
      group.key = path;
      group.source = "cgroup";
      group.cgroupPath = path;
      group.pids.insert(group.pids.end(), foreign.pids.begin(), foreign.pids.end());
      continue;
    }
    // runc enters the new namespace first and the container's cgroup next: soon it has a home.
    const bool settling = foreign.lead.comm.starts_with("runc:[");
    if (!settling && !isHoused(foreign.leadCgroup, true))
      groups.push_back(
          Group{pidNamespaceId(space), "pidns", "", foreign.pids, pidNamespaceId(space)});
  }
  for (auto& [path, group] : byCgroup) {
    std::sort(group.pids.begin(), group.pids.end());
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace swoll
