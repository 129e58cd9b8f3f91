// SPDX-License-Identifier: Apache-2.0
#include "observer/units.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "observer/cgroup-name.h"

namespace swoll {
namespace {

constexpr int kDeepest = 32;  // as deep as the kernel program looks up

bool isUnitName(std::string_view name) {
  return name.ends_with(".service") || name.ends_with(".scope");
}

// Where systemd makes cgroups of units: its slices, and what it has left to the manager of a user.
// A kubelet's slices hold pods alone, which may be hundreds.
bool holdsUnits(std::string_view name) {
  if (name.ends_with(".slice")) return !name.starts_with("kubepods");
  return name.starts_with("user@") && name.ends_with(".service");
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
    if (isUnitName(name)) {
      Container unit;
      unit.id = below.substr(1);
      unit.name = name;
      unit.phase = "Running";
      unit.source = "systemd";
      unit.cgroupPath = below;
      unit.cgroupId = proc.cgroupId(below).value_or(0);
      if (unit.cgroupId != 0) found.push_back(std::move(unit));
    }
    if (holdsUnits(name) && depth < kDeepest) walk(proc, mount, below, depth + 1, found);
  }
}

bool isWithin(const std::string& path, const std::string& top) {
  return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/');
}

}  // namespace

std::vector<Container> findUnits(ProcFs& proc) {
  std::vector<Container> found;
  if (const auto mount = proc.cgroupMount()) walk(proc, *mount, "", 1, found);
  std::sort(found.begin(), found.end(),
            [](const Container& a, const Container& b) { return a.id < b.id; });
  return found;
}

std::vector<Container> outside(const std::vector<Container>& containers,
                               std::vector<Container> units) {
  std::erase_if(units, [&](const Container& unit) {
    return std::any_of(containers.begin(), containers.end(), [&](const Container& c) {
      return !c.cgroupPath.empty() && isWithin(unit.cgroupPath, c.cgroupPath);
    });
  });
  return units;
}

}  // namespace swoll
