// SPDX-License-Identifier: Apache-2.0
// What is needed of the kernel, by role, declared here so that the core knows no BPF library: each
// part takes those that it has to do with. Implemented in sources/ (bpf-probe.h, scope-maps.h), and
// by a recorder in the tests.
//
// Each call takes effect for events that begin later, and none fails once the programs are loaded,
// save those that answer why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "bpf/abi.h"
#include "counts/call-cells.h"
#include "event/kind.h"
#include "trace/scope.h"

namespace swoll {

// What is captured, of whomever.
class KernelRules {
 public:
  virtual ~KernelRules() = default;

  virtual void setRoute(RouteId route, const swoll_filter& filter) = 0;
  virtual void setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) = 0;
  virtual void setWanted(EventType type, bool wanted) = 0;
  // Whether the calls of scopes that say so are counted, and those of newcomers.
  virtual void setCounting(bool on) = 0;
};

// Who has which row.
class KernelScopes {
 public:
  virtual ~KernelScopes() = default;

  // False: the kernel's map is full.
  virtual bool setScope(Scope scope, const swoll_scope& value) = 0;
  virtual void removeScope(Scope scope) = 0;
  // Whether the programs give new cgroups a scope by themselves, with the row SWOLL_NEWCOMER_ROW,
  // and tell of each in the ring. Answers why they can't: containers are seen once they are named,
  // then.
  virtual std::optional<std::string> watchNewcomers(bool on) = 0;
  // One that the ring told of has been given the scope that it should have, or none.
  virtual void newcomerTaken() = 0;
};

// What came of it.
class KernelCounters {
 public:
  virtual ~KernelCounters() = default;

  // Summed over CPUs, since resetCounts().
  virtual swoll_route_counts counts(RouteId route) = 0;
  virtual void resetCounts(RouteId route) = 0;
  // Newcomers that were not told of, since the start: there was no room.
  virtual uint64_t newcomersLost() = 0;
  virtual CallCells& cells() = 0;
  // Hands over every record that is in the ring now: what is counted as emitted has come, then.
  virtual void drain() = 0;
};

// Whether the programs run.
class KernelHooks {
 public:
  virtual ~KernelHooks() = default;

  // Puts on the hooks of each kind of event of which a type is wanted, or calls are counted, and
  // takes off all others; all of them when not `on`. What can't be put on is tried again each time.
  virtual void attach(bool on) = 0;
  // Why those of a kind are not on, though they should be; "" otherwise.
  virtual std::string hookProblem(EventKind kind) const = 0;
};

// All of them, for who hands them on. Borrows each.
struct Kernel {
  KernelRules& rules;
  KernelScopes& scopes;
  KernelCounters& counters;
  KernelHooks& hooks;
};

}  // namespace swoll
