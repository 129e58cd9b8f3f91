// SPDX-License-Identifier: Apache-2.0
// What a cgroup's path tells of the container that lives in it. Pure, no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace swoll {

struct CgroupName {
  std::string id;            // the container's, as its runtime knows it
  std::string_view runtime;  // "containerd", "cri-o", ...; "oci" when only the id is telling
  std::string path;          // the container's own cgroup: the given path or an ancestor of it
  bool kubernetes = false;   // the path is of a kind that a CRI runtime makes

  bool operator==(const CgroupName&) const = default;
};

// Names the outermost container of a cgroup's path: a container may make cgroups of its own, and
// run whole container engines or a kubelet in them (kind), and all that is still the one that this
// host started. It is also the only one whose runtime this host can ask.
std::optional<CgroupName> nameOfCgroup(std::string_view path);

// Whether the last part of the path is a name that is never a container's own: a folder of systemd,
// the kubelet or a runtime, or a service.
bool isFolderName(std::string_view path);

// Where a process is, by the text of its /proc/PID/cgroup.
struct CgroupPlace {
  std::string path;  // in the v2 tree; empty: it has none
  std::optional<CgroupName> name;
  bool byV1 = false;  // only the path in a v1 tree has a name

  bool operator==(const CgroupPlace&) const = default;
};
CgroupPlace placeIn(std::string_view procCgroup);

}  // namespace swoll
