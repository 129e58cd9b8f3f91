// SPDX-License-Identifier: Apache-2.0
// What a user asks for: these calls and events, of those processes. A value; text fields are as the
// user wrote them and are checked by compile() (compiled-trace.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swoll {

// "pathname" and "/etc/*": what a decoded argument must look like. A value.
struct ArgPattern {
  std::string name, glob;
  bool operator==(const ArgPattern&) const = default;
};

struct TraceSpec {
  std::string name;
  std::vector<std::string> syscalls;   // "openat", "@Files", "all", "!close"
  std::vector<std::string> processes;  // "exec", "exit", "fork", "kill", "all", "!fork"
  std::string labelSelector, fieldSelector;
  std::string nameSpace, pod, container;
  uint32_t pidNamespace = 0;        // 0: not asked for
  bool host = false;                // processes in no container
  uint32_t pid = 0;                 // 0: every process
  std::string comm;                 // glob
  int64_t uid = -1;                 // -1: all
  std::vector<std::string> errors;  // errno: names, "any", "none"
  uint64_t minLatency = 0;          // ns
  uint32_t sampleRate = 1;          // one of N
  uint64_t duration = 0;            // ns; 0: until it is removed
  bool journal = true;
  std::string unit;                       // glob of a systemd unit's name
  std::vector<std::string> hostSelector;  // names of nodes; none: every one
  std::vector<ArgPattern> args;           // each must match
  uint32_t rate = 0;                      // events per second; 0: no limit
  std::string cgroup;                     // a path in the cgroup v2 tree
  // Containers that are wanted, or not, whatever the selectors say: "POD/CONTAINER",
  // "NAMESPACE/POD/CONTAINER" or an id. What is in both is not wanted.
  std::vector<std::string> addContainers, removeContainers;

  bool operator==(const TraceSpec&) const = default;
};

}  // namespace swoll
