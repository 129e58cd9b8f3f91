// SPDX-License-Identifier: Apache-2.0
// What the observer knows of one container. A value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace swoll {

using Labels = std::map<std::string, std::string>;

struct Container {
  std::string id;  // the runtime's; "pidns:INODE" for a bare pid namespace
  std::string pod;
  std::string name;
  std::string image;
  std::string nameSpace;  // Kubernetes namespace
  Labels labels;          // of pod and container together; the container's win
  std::string phase;      // "Running", ...
  uint32_t pid = 0;       // its first process, as this host numbers it

  std::string source;      // "cri", "cgroup", "pidns", "systemd": who named it
  std::string cgroupPath;  // below the cgroup v2 mount
  uint64_t cgroupId = 0;   // inode of that directory; 0: none, then pidNamespace names it
  uint32_t pidNamespace = 0;
  uint32_t mountNamespace = 0;  // of its first process; 0: not known

  // A unit of systemd: a named cgroup of the host's. Host traces keep its processes.
  bool isUnit() const { return source == "systemd"; }

  bool operator==(const Container&) const = default;
};

}  // namespace swoll
