// SPDX-License-Identifier: Apache-2.0
// What the kernel should do, as a pure function of traces and containers: the specification.
// Nothing here has state. planner.h comes to the same with each change, rule-table.h brings it to
// the kernel.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "containers/topology.h"
#include "trace/compiled-trace.h"
#include "trace/scope.h"

namespace swoll {

using TraceId = uint32_t;
using TraceSet = std::vector<TraceId>;  // sorted, without repetition
using Traces = std::map<TraceId, const CompiledTrace*>;

// One scope: whose it is, and which traces want it. No trace: it is only named, so that its
// processes are not taken for the host's.
struct ScopePlan {
  ContainerHandle container = 0;  // or a unit, or SWOLL_ENTERED
  TraceSet traces;
  bool isNewcomer = false;  // nobody has named the cgroup yet: all is captured that any may want
  bool isCounted = false;
  uint64_t begun = 0;  // as in swoll_scope

  bool operator==(const ScopePlan&) const = default;
};
using Plan = std::map<Scope, ScopePlan>;

// An empty trace list gives an empty plan: nothing is captured, nothing need be attached.
// `newcomers` are cgroups of which it is not known yet whether they are containers.
// `counting`: the calls of all containers are counted.
Plan planRules(const Traces& traces, const Topology& topology,
               const std::set<Scope>& newcomers = {}, bool counting = false);
bool isCountable(const KnownContainer& container);
// ScopePlan::begun of a container at that scope.
uint64_t begunAt(Scope at, const Container& container);
// The calls that are captured of them: of the traces that may want such a container, and of those
// that want the host if it turns out to be none. None while nobody can want a container.
TypeSet planNewcomers(const Traces& traces, bool counting = false);
bool concernsNewcomers(const CompiledTrace& trace);
// A cgroup by itself. A process belongs to the nearest scope alone, so one that lies in another is
// wanted by all that want the outer one, and has its name.
ScopePlan planCgroup(const std::string& path, const Traces& traces, const Topology& topology,
                     bool counting);
// The scopes of traces of whole cgroups, as they are where these are no containers.
Plan planCgroups(const Traces& traces, const Topology& topology, bool counting);
// The pid namespace of a container that its cgroup names. It is named too (SWOLL_ENTERED) while
// the host or a unit is wanted: that tells a process of theirs which has entered it, but not its
// cgroup, from one whose container is on its way.
std::optional<Scope> enteredScope(const Container& container, const Topology& topology);

Scope scopeOf(const Container& container);
ScopePlan newcomerPlan(Scope scope, bool counting);

// Where the events of one (set of traces, filter) go.
struct RouteKey {
  TraceSet traces;
  KernelTest test;

  auto operator<=>(const RouteKey& other) const {
    if (auto order = traces <=> other.traces; order != 0) return order;
    if (test < other.test) return std::strong_ordering::less;
    return other.test < test ? std::strong_ordering::greater : std::strong_ordering::equal;
  }
  bool operator==(const RouteKey&) const = default;
};

// The calls that a set of traces wants, each with its route. Traces that want one call with
// different filters share an unfiltered route, and user space tests each.
using RowPlan = std::map<EventType, RouteKey>;
RowPlan planRow(const TraceSet& set, const Traces& traces);

}  // namespace swoll
