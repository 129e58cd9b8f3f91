// SPDX-License-Identifier: Apache-2.0
#include "observer/units/units.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "observer/cgroup/cgroup-name.h"

namespace swoll {
namespace {

constexpr int kDeepest = 32;  // as deep as the kernel program looks up

// Where systemd makes cgroups of units: its slices, and what it has left to the manager of a user.
// A kubelet's slices hold pods alone, which may be hundreds.
bool holdsUnits(std::string_view name) {
  if (name.ends_with(".slice")) return !name.starts_with("kubepods");
  return name.starts_with("user@") && name.ends_with(".service");
}

Container describe(const NewCgroup& cgroup) {
  Container unit;
  unit.id = cgroup.path.substr(1);
  unit.name = cgroup.path.substr(cgroup.path.rfind('/') + 1);
  unit.phase = "Running";
  unit.source = "systemd";
  unit.cgroupPath = cgroup.path;
  unit.cgroupId = cgroup.id;
  return unit;
}

void walk(const ProcFs& proc, const std::string& mount, const std::string& path, int depth,
          std::vector<Container>& found) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir((mount + path).c_str()), closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) continue;
    if (!isUnitName(name) && !holdsUnits(name)) continue;
    const std::string below = path + '/' + entry->d_name;
    if (nameOfCgroup(below)) continue;  // a container's, whatever runs in it
    if (isUnitName(name))
      if (const auto id = proc.cgroupId(below)) found.push_back(describe({*id, below}));
    if (holdsUnits(name) && depth < kDeepest) walk(proc, mount, below, depth + 1, found);
  }
}

}  // namespace

std::optional<Container> unitAt(const NewCgroup& cgroup) {
  const std::string_view path = cgroup.path;
  if (!path.starts_with('/') || nameOfCgroup(path)) return std::nullopt;
  size_t begin = 1;
  for (size_t end; (end = path.find('/', begin)) != path.npos; begin = end + 1)
    if (!holdsUnits(path.substr(begin, end - begin))) return std::nullopt;
  if (!isUnitName(path.substr(begin))) return std::nullopt;
  return describe(cgroup);
}

std::vector<Container> findUnits(ProcFs& proc) {
  std::vector<Container> found;
  if (const auto mount = proc.cgroupMount()) walk(proc, *mount, "", 1, found);
  std::sort(found.begin(), found.end(),
            [](const Container& a, const Container& b) { return a.id < b.id; });
  return found;
}

std::vector<Container> outside(const std::vector<Container>& containers,
                               std::vector<Container> units) {
  std::unordered_set<std::string_view> taken;
  for (const Container& c : containers)
    if (!c.cgroupPath.empty()) taken.insert(c.cgroupPath);
  std::erase_if(units, [&](const Container& unit) {
    for (std::string_view path = unit.cgroupPath; !path.empty();
         path.remove_suffix(path.size() - path.rfind('/')))
      if (taken.contains(path)) return true;
    return false;
  });
  return units;
}

}  // namespace swoll
