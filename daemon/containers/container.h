// SPDX-License-Identifier: Apache-2.0
// What the observer knows of one container, and what it is asked of a new cgroup. Values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace swoll {

using Labels = std::map<std::string, std::string>;

// Whether a path of the cgroup tree is `top` or lies in it.
inline bool isWithin(std::string_view path, std::string_view top) {
  return top == "/" ||
         (path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/'));
}

// Of a unit of systemd that holds processes.
inline bool isUnitName(std::string_view name) {
  return name.ends_with(".service") || name.ends_with(".scope");
}

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
  // Of its first process, in clock ticks since boot; 0: not known. A pid namespace's inode number
  // is used again, so it is this that tells two containers apart which have no cgroup.
  uint64_t startTime = 0;

  // A unit of systemd: a named cgroup of the host's. Host traces keep its processes.
  bool isUnit() const { return source == "systemd"; }

  bool operator==(const Container&) const = default;
};

// What people call one by.
struct ContainerName {
  std::string id, nameSpace, pod, name;
};
inline ContainerName nameOf(const Container& c) { return {c.id, c.nameSpace, c.pod, c.name}; }

// A cgroup that the kernel tells of.
struct NewCgroup {
  uint64_t id = 0;
  std::string path;  // below the cgroup v2 mount
};

// Whose that cgroup is. The container's own cgroup may be one above it.
struct Resolution {
  uint64_t cgroupId = 0;               // as it was asked
  std::optional<Container> container;  // none: it is no container's
  // A pod's, of which no runtime has told in time: its cgroup names it. Without a container: it
  // could not be found out.
  bool isNameless = false;

  bool operator==(const Resolution&) const = default;
};

}  // namespace swoll
