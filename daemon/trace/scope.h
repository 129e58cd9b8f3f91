// SPDX-License-Identifier: Apache-2.0
// Whose an event is, as the kernel tells scopes apart, and the numbers of what it does about them.
// Values.
#pragma once

#include <cstdint>
#include <tuple>

namespace swoll {

using RouteId = uint16_t;  // 0: not wanted
using RowId = uint32_t;    // 0: the empty row

// PROC_PID_INIT_INO, include/linux/proc_ns.h.
constexpr uint32_t initialPidNamespace = 0xEFFFFFFC;

enum class ScopeKind : uint8_t { host, cgroup, pidNamespace };

struct Scope {
  ScopeKind kind = ScopeKind::host;
  uint64_t id = 0;     // cgroup v2 id, or inode number of a pid namespace
  uint32_t depth = 0;  // of a cgroup below the root; 0: not known

  // The depth follows from the id.
  auto operator<=>(const Scope& other) const {
    return std::tie(kind, id) <=> std::tie(other.kind, other.id);
  }
  bool operator==(const Scope& other) const { return kind == other.kind && id == other.id; }
};

}  // namespace swoll
