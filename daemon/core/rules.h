// SPDX-License-Identifier: Apache-2.0
// What the kernel should do, as a pure function of traces and containers. Nothing here has state;
// rule-table.h applies the difference between two plans.
#pragma once

#include <map>
#include <vector>

#include "core/compiled-trace.h"
#include "core/kernel-filter.h"
#include "core/topology.h"

namespace swoll {

using TraceId = uint32_t;
using TraceSet = std::vector<TraceId>;  // sorted, without repetition
using Traces = std::map<TraceId, const CompiledTrace*>;

// One scope: whose it is, and which traces want it. No trace: it is only named, so that its
// processes are not taken for the host's.
struct ScopePlan {
  ContainerHandle container = 0;  // or a unit, or SWOLL_ENTERED
  TraceSet traces;

  bool operator==(const ScopePlan&) const = default;
};
using Plan = std::map<Scope, ScopePlan>;

// An empty trace list gives an empty plan: nothing is captured, nothing need be attached.
Plan planRules(const Traces& traces, const Topology& topology);

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
using RowPlan = std::map<CallId, RouteKey>;
RowPlan planRow(const TraceSet& set, const Traces& traces);

}  // namespace swoll
