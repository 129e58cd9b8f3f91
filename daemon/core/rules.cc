// SPDX-License-Identifier: Apache-2.0
#include "core/rules.h"

#include <algorithm>
#include <iterator>

namespace swoll {
namespace {

Scope scopeOf(const Container& c) {
  if (!c.cgroupId) return {ScopeKind::pidNamespace, c.pidNamespace};
  auto depth = std::count(c.cgroupPath.begin(), c.cgroupPath.end(), '/');
  return {ScopeKind::cgroup, c.cgroupId, uint32_t(depth)};
}

// Lets the kernel tell a process of the host that has entered a container's pid namespace, but not
// its cgroup, from one whose container is on its way.
void nameEntered(Plan& plan, const Container& c, uint32_t hosts) {
  if (!c.cgroupId || !c.pidNamespace || !hosts || c.pidNamespace == hosts) return;
  ContainerHandle& of = plan[{ScopeKind::pidNamespace, c.pidNamespace}].container;
  if (!of) of = SWOLL_ENTERED;
}

}  // namespace

Plan planRules(const Traces& traces, const Topology& topology) {
  Plan plan;
  bool hostWanted = false, spaceWanted = false, unitWanted = false;
  for (const auto& [id, trace] : traces) {
    if (uint32_t inode = trace->wantsPidNamespace())
      plan[{ScopeKind::pidNamespace, inode}].traces.push_back(id), spaceWanted = true;
    unitWanted |= trace->wantsUnits();
    if (trace->wantsHost()) plan[{ScopeKind::host, 0}].traces.push_back(id), hostWanted = true;
  }
  for (const auto& [handle, known] : topology.containers()) {
    if (!known.info.cgroupId && !known.info.pidNamespace) continue;  // nothing names it yet
    TraceSet set;
    if (!known.hidden)
      for (const auto& [id, trace] : traces)
        if (trace->wantsContainer(known.info, topology.node()) ||
            (known.info.isUnit() && trace->wantsHost()))
          set.push_back(id);
    // An unwanted container costs its processes nothing, unless they must be told from the host's
    // or a unit's, or are asked for by pid namespace. (One that a nested namespace names is left to
    // the outer.)
    Scope at = scopeOf(known.info);
    bool named = hostWanted || unitWanted || plan.contains(at) ||
                 (spaceWanted && known.info.cgroupId && !known.info.isUnit());
    if (set.empty() && !named) continue;
    if (hostWanted || unitWanted) nameEntered(plan, known.info, topology.hostPidNamespace());
    ScopePlan& scope = plan[at];
    scope.container = handle;
    TraceSet both;  // a pid namespace can be a container and be asked for by number
    std::set_union(set.begin(), set.end(), scope.traces.begin(), scope.traces.end(),
                   std::back_inserter(both));
    scope.traces = std::move(both);
  }
  return plan;
}

RowPlan planRow(const TraceSet& set, const Traces& traces) {
  RowPlan row;
  for (TraceId id : set) {
    const CompiledTrace& trace = *traces.at(id);
    KernelTest test = trace.filter.kernelTest();
    for (CallId call = 0; call < maxCalls; call++) {
      if (!trace.calls.test(call)) continue;
      RouteKey& route = row[call];
      if (route.traces.empty()) {
        route.test = test;
      } else if (!(route.test == test)) {
        route.test = KernelTest{.filter = {}, .exact = false};
      }
      route.traces.push_back(id);
    }
  }
  return row;
}

}  // namespace swoll
