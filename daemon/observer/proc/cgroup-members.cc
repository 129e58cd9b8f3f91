// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/cgroup-members.h"

#include <algorithm>
#include <utility>

namespace swoll {
namespace {

// runc's own steps, which are in the container's cgroup and still in the host's pid namespace.
// (Its last, "runc:[2:INIT]", becomes the container's first process.)
bool isRuncStep(const std::string& comm) {
  return comm.starts_with("runc:[0") || comm.starts_with("runc:[1");
}

}  // namespace

std::vector<CgroupMember> membersOf(const ProcFs& proc, const std::string& path) {
  std::vector<CgroupMember> members;
  for (auto& [pid, cgroup] : proc.cgroupMembers(path)) {
    auto stat = proc.stat(pid);
    if (stat && stat->alive && !stat->kernelThread && !isRuncStep(stat->comm))
      members.push_back({std::move(*stat), pid, std::move(cgroup)});
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const CgroupMember& a, const CgroupMember& b) {
                     return a.stat.startTime < b.stat.startTime;
                   });
  return members;
}

bool findProcess(const ProcFs& proc, Container& container) {
  const std::vector<CgroupMember> members = membersOf(proc, container.cgroupPath);
  if (members.empty()) return false;
  const CgroupMember& first = members.front();
  container.pid = first.pid;
  container.startTime = first.stat.startTime;
  container.pidNamespace = proc.pidNamespace(first.pid).value_or(0);
  container.mountNamespace = proc.mountNamespace(first.pid).value_or(0);
  return true;
}

}  // namespace swoll
