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

// Names the outermost container of a cgroup v2 path: a container may make cgroups of its own, and
// run whole container engines in them, and all that is still the one that this host started.
std::optional<CgroupName> nameOfCgroup(std::string_view path);

}  // namespace swoll
