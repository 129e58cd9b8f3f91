// SPDX-License-Identifier: Apache-2.0
// What a user asks for: these calls, of those processes. A value; text fields are as the user
// wrote them and are checked by compile() (compiled-trace.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swoll {

struct TraceSpec {
  std::string name;
  std::vector<std::string> calls;
  std::string labelSelector, fieldSelector;
  std::string nameSpace, pod, container;
  uint32_t pidNamespace = 0;        // 0: not asked for
  bool host = false;                // processes in no container
  uint32_t pid = 0;                 // 0: every process
  std::string comm;                 // glob
  int64_t uid = -1;                 // -1: all
  std::vector<std::string> errors;  // names, "any", "none"
  uint64_t minLatency = 0;          // ns
  uint32_t sample = 1;              // one of N
  uint64_t duration = 0;            // ns; 0: until it is removed
  bool journal = true;
  std::string unit;  // glob of a systemd unit's name
};

}  // namespace swoll
