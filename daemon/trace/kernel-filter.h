// SPDX-License-Identifier: Apache-2.0
// What the hub needs of the kernel, declared here so that the core knows no BPF library.
// Implemented by sources/bpf-probe.h, and by a recorder in the tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "bpf/abi.h"
#include "counts/call-cells.h"
#include "event/kind.h"

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

class KernelFilter {
 public:
  virtual ~KernelFilter() = default;

  // Each takes effect for calls that enter later; none fails once the programs are loaded, save
  // setScope, which answers false when the kernel's map is full.
  virtual void setRoute(RouteId route, const swoll_filter& filter) = 0;
  virtual void setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) = 0;
  virtual void setWanted(EventType type, bool wanted) = 0;
  virtual bool setScope(Scope scope, const swoll_scope& value) = 0;
  virtual void removeScope(Scope scope) = 0;

  // Summed over CPUs, since resetCounts().
  virtual swoll_route_counts counts(RouteId route) = 0;
  virtual void resetCounts(RouteId route) = 0;

  // Puts on the hooks of each kind of event of which a type is wanted, or calls are counted, and
  // takes off all others; all of them when not `on`. What can't be put on is tried again each time.
  virtual void attach(bool on) = 0;
  // Why those of a kind are not on, though they should be; "" otherwise.
  virtual std::string hookProblem(EventKind kind) const = 0;
  // Whether the programs give new cgroups a scope by themselves, with the row SWOLL_NEWCOMER_ROW,
  // and tell of each in the ring. Answers why they can't: containers are seen once they are named,
  // then.
  virtual std::optional<std::string> watchNewcomers(bool on) = 0;
  // One that the ring told of has been given the scope that it should have, or none.
  virtual void newcomerTaken() = 0;
  // That were not told of, since the start: there was no room.
  virtual uint64_t newcomersLost() = 0;
  // Whether the calls of scopes that say so are counted, and those of newcomers.
  virtual void setCounting(bool on) = 0;
  virtual CallCells& cells() = 0;
  // Hands over every record that is in the ring now.
  virtual void drain() = 0;
};

}  // namespace swoll
