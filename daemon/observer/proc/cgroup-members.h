// SPDX-License-Identifier: Apache-2.0
// The processes of a cgroup, and the first of them, which stands for the container that it is of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "containers/container.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

struct CgroupMember {
  ProcessStat stat;
  uint32_t pid;
  std::string cgroup;
};
// The living processes in a cgroup and below it, save runc's steps; the first to start in front.
std::vector<CgroupMember> membersOf(const ProcFs& proc, const std::string& path);

// Fills in a container's first process, from its cgroup; false: there is none to be seen.
bool findProcess(const ProcFs& proc, Container& container);

}  // namespace swoll
