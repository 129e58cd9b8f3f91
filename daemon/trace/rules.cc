// SPDX-License-Identifier: Apache-2.0
#include "trace/rules.h"

#include <algorithm>
#include <iterator>

namespace swoll {

Scope cgroupScope(uint64_t id, const std::string& path) {
  auto depth = path == "/" ? 0 : std::count(path.begin(), path.end(), '/');
  return {ScopeKind::cgroup, id, uint32_t(depth)};
}

Scope scopeOf(const Container& c) {
  if (!c.cgroupId) return {ScopeKind::pidNamespace, c.pidNamespace};
  return cgroupScope(c.cgroupId, c.cgroupPath);
}

namespace {

// What a cgroup is in, or is: the nearest one that has a name. Null: nothing that does.
const KnownContainer* ownerOf(const std::string& cgroupPath, const Topology& topology) {
  const KnownContainer* owner = nullptr;
  for (const auto& [handle, known] : topology.containers()) {
    const std::string& path = known.info.cgroupPath;
    if (known.info.cgroupId && !path.empty() && isWithin(cgroupPath, path) &&
        (!owner || path.size() >= owner->info.cgroupPath.size()))
      owner = &known;
  }
  return owner;
}

}  // namespace

bool isCountable(const KnownContainer& container) {
  return !container.hidden && isContainer(container.handle);
}

uint64_t begunAt(Scope at, const Container& container) {
  return at.kind == ScopeKind::pidNamespace ? container.startTime : 0;
}

ScopePlan planCgroup(const std::string& path, const Traces& traces, const Topology& topology,
                     bool counting) {
  const KnownContainer* owner = ownerOf(path, topology);
  ScopePlan plan;
  if (owner) plan.container = owner->handle, plan.isCounted = counting && isCountable(*owner);
  if (owner && owner->hidden) return plan;
  for (const auto& [id, trace] : traces)
    if ((trace->cgroup.id && isWithin(path, trace->cgroup.path)) ||
        (owner ? trace->wantsContainer(owner->info, topology.node()) : trace->wantsHost()))
      plan.traces.push_back(id);
  return plan;
}

Plan planCgroups(const Traces& traces, const Topology& topology, bool counting) {
  Plan plan;
  for (const auto& [id, trace] : traces)
    if (const CgroupAt& at = trace->cgroup; at.id)
      plan[cgroupScope(at.id, at.path)] = planCgroup(at.path, traces, topology, counting);
  return plan;
}

std::optional<Scope> enteredScope(const Container& c, const Topology& topology) {
  uint32_t hosts = topology.hostPidNamespace();
  if (!c.cgroupId || !c.pidNamespace || !hosts || c.pidNamespace == hosts) return {};
  return Scope{ScopeKind::pidNamespace, c.pidNamespace};
}

ScopePlan newcomerPlan(Scope scope, bool counting) {
  return {.container = SWOLL_NEWCOMER | scope.id,
          .traces = {},
          .isNewcomer = true,
          .isCounted = counting};
}

bool concernsNewcomers(const CompiledTrace& trace) {
  return trace.mayWantContainers() || trace.wantsHost() || !trace.spec.cgroup.empty();
}

TypeSet planNewcomers(const Traces& traces, bool counting) {
  TypeSet types;
  bool awaited = counting;
  for (const auto& [id, trace] : traces) {
    awaited |= trace->mayWantContainers();
    if (concernsNewcomers(*trace)) types |= trace->types;
  }
  return awaited ? types : TypeSet();
}

Plan planRules(const Traces& traces, const Topology& topology, const std::set<Scope>& newcomers,
               bool counting) {
  Plan plan;
  bool hostWanted = false, spaceWanted = false, unitWanted = false;
  Plan cgroups = planCgroups(traces, topology, counting);
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
        if (trace->wantsContainer(known.info, topology.node())) set.push_back(id);
    // An unwanted container costs its processes nothing, unless they must be told from the host's
    // or a unit's, or are asked for by pid namespace. (One that a nested namespace names is left to
    // the outer.)
    Scope at = scopeOf(known.info);
    bool isCounted = counting && isCountable(known);
    bool named = isCounted || hostWanted || unitWanted || !cgroups.empty() || plan.contains(at) ||
                 (spaceWanted && known.info.cgroupId && !known.info.isUnit());
    if (set.empty() && !named) continue;
    if (auto space = enteredScope(known.info, topology); space && (hostWanted || unitWanted)) {
      ContainerHandle& of = plan[*space].container;
      if (!of) of = SWOLL_ENTERED;
    }
    ScopePlan& scope = plan[at];
    scope.container = handle;
    scope.isCounted = isCounted;
    scope.begun = begunAt(at, known.info);
    TraceSet both;  // a pid namespace can be a container and be asked for by number
    std::set_union(set.begin(), set.end(), scope.traces.begin(), scope.traces.end(),
                   std::back_inserter(both));
    scope.traces = std::move(both);
  }
  plan.merge(cgroups);  // where a container is, its own plan has all that want it
  bool awaited = counting || std::any_of(traces.begin(), traces.end(), [](const auto& t) {
                   return t.second->mayWantContainers();
                 });
  if (!awaited || newcomers.empty()) return plan;
  std::set<Scope> named;
  for (const auto& [handle, known] : topology.containers()) named.insert(scopeOf(known.info));
  for (const Scope& scope : newcomers)
    if (!named.contains(scope)) plan.try_emplace(scope, newcomerPlan(scope, counting));
  return plan;
}

RowPlan planRow(const TraceSet& set, const Traces& traces) {
  RowPlan row;
  for (TraceId id : set) {
    const CompiledTrace& trace = *traces.at(id);
    KernelTest test = trace.filter.kernelTest();
    for (size_t type = trace.types._Find_first(); type < maxTypes;
         type = trace.types._Find_next(type)) {
      RouteKey& route = row[EventType(type)];
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
