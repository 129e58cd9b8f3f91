// SPDX-License-Identifier: Apache-2.0
#include "trace/planner.h"

#include <algorithm>
#include <iterator>

namespace swoll {
namespace {

constexpr Scope hostScope{ScopeKind::host, 0};

// Of sorted sets. Numbers of traces and handles grow, so most come last.
template <typename Id>
bool insert(std::vector<Id>& set, Id id) {
  auto at = std::lower_bound(set.begin(), set.end(), id);
  if (at != set.end() && *at == id) return false;
  set.insert(at, id);
  return true;
}

template <typename Id>
bool erase(std::vector<Id>& set, Id id) {
  auto at = std::lower_bound(set.begin(), set.end(), id);
  if (at == set.end() || *at != id) return false;
  set.erase(at);
  return true;
}

Scope spaceOf(const CompiledTrace& trace) {
  return {ScopeKind::pidNamespace, trace.wantsPidNamespace()};
}

}  // namespace

void Planner::add(TraceId id, const CompiledTrace& trace) {
  known[id] = &trace;
  count(trace, 1);
  askByNumber(id, trace, 1);
  placeCgroups();
  for (auto& [handle, place] : places) {
    const KnownContainer* container = topology.find(handle);
    if (!place.isNamed || container->hidden ||
        !trace.wantsContainer(container->info, topology.node()))
      continue;
    matched(place, handle, id);
    insert(place.wanted, id);
    changed.push_back(place.at);
  }
}

void Planner::remove(TraceId id) {
  withdraw(id);
  for (auto& [handle, place] : places) erase(place.ever, id);
}

void Planner::withdraw(TraceId id) {
  auto found = known.find(id);
  if (found == known.end()) return;
  const CompiledTrace& trace = *found->second;
  known.erase(found);
  count(trace, -1);
  askByNumber(id, trace, -1);
  placeCgroups();
  for (auto& [handle, place] : places)
    if (erase(place.wanted, id)) changed.push_back(place.at);
}

void Planner::inherit(TraceId from, TraceId to) {
  for (auto& [handle, place] : places)
    if (erase(place.ever, from)) insert(place.ever, to);
}

void Planner::placeCgroups() {
  Plan now = planCgroups(known, topology, counting);
  if (now == cgroups) return;
  bool toggled = now.empty() != cgroups.empty();
  for (const auto* some : {&cgroups, &now})
    for (const auto& [at, scope] : *some) changed.push_back(at);
  cgroups = std::move(now);
  // Containers are named while a cgroup that may hold them is traced.
  if (toggled) changeContainers();
}

void Planner::count(const CompiledTrace& trace, int change) {
  // Containers are named while the host's or a unit's processes must be told from theirs.
  bool wasNamed = hostTraces || unitTraces;
  if (trace.wantsHost()) hostTraces += change, changed.push_back(hostScope);
  if (trace.wantsUnits()) unitTraces += change;
  if (wasNamed != (hostTraces || unitTraces)) changeContainers();
  if (!concernsNewcomers(trace)) return;
  bool waited = awaitsNewcomers();
  seekers += trace.mayWantContainers() ? change : 0;
  if (waited != awaitsNewcomers())
    std::copy(newcomers.begin(), newcomers.end(), std::back_inserter(changed));
  for (size_t type = trace.types._Find_first(); type < maxTypes;
       type = trace.types._Find_next(type))
    newcomerTraces[type] += change;
}

void Planner::askByNumber(TraceId id, const CompiledTrace& trace, int change) {
  if (!trace.wantsPidNamespace()) return;
  Scope at = spaceOf(trace);
  Shared& scope = scopes[at];
  scope.at = at;
  change > 0 ? insert(scope.byNumber, id) : erase(scope.byNumber, id);
  forgetIfEmpty(at);
  changed.push_back(at);
  bool asked = spaceTraces > 0;
  spaceTraces += change;
  if (asked != (spaceTraces > 0)) changeContainers();
}

void Planner::changeContainers() {
  for (const auto& [handle, place] : places)
    if (place.isNamed) changed.push_back(place.at);
  for (const auto& [at, count] : entered) changed.push_back(at);
}

void Planner::setCounting(bool on) {
  if (on == counting) return;
  counting = on;
  placeCgroups();
  changeContainers();
  std::copy(newcomers.begin(), newcomers.end(), std::back_inserter(changed));
}

void Planner::changeAll() {
  for (const auto& [at, scope] : scopes) changed.push_back(scope.at);
  for (const auto& [at, scope] : cgroups) changed.push_back(at);
  for (const auto& [at, count] : entered) changed.push_back(at);
  changed.push_back(hostScope);
  std::copy(newcomers.begin(), newcomers.end(), std::back_inserter(changed));
}

void Planner::update(const TopologyChanges& changes) {
  for (ContainerHandle handle : changes.departed) leave(handle);
  for (ContainerHandle handle : changes.present)
    if (const KnownContainer* container = topology.find(handle)) place(*container);
  if (!cgroups.empty()) placeCgroups();  // they have the names of what they are in
}

void Planner::place(const KnownContainer& container) {
  Place& place = places[container.handle];
  Scope at = scopeOf(container.info);
  bool isNamed = container.info.cgroupId || container.info.pidNamespace;
  TraceSet wanted;
  if (!container.hidden && isNamed)
    for (const auto& [id, trace] : known)
      if (trace->wantsContainer(container.info, topology.node())) wanted.push_back(id);
  for (TraceId id : wanted) matched(place, container.handle, id);
  bool isNew = !place.isNamed && isNamed;
  bool isCountable = swoll::isCountable(container);
  if (isNew || wanted != place.wanted || isCountable != place.isCountable) changed.push_back(at);
  place.isCountable = isCountable;
  place.wanted = std::move(wanted);
  place.at = at;
  place.isNamed = isNamed;
  auto space = enteredScope(container.info, topology);
  if (space != place.entered) {
    enter(place.entered, -1);
    enter(space, 1);
    place.entered = space;
  }
  if (!isNew) return;
  Shared& scope = scopes[at];
  scope.at = at;
  insert(scope.containers, container.handle);
}

void Planner::leave(ContainerHandle handle) {
  auto found = places.find(handle);
  if (found == places.end()) return;
  Scope at = found->second.at;
  enter(found->second.entered, -1);
  if (found->second.isNamed) {
    erase(scopes[at].containers, handle);
    forgetIfEmpty(at);
    changed.push_back(at);
  }
  places.erase(found);
}

void Planner::enter(std::optional<Scope> scope, int change) {
  if (!scope) return;
  changed.push_back(*scope);
  if (!(entered[*scope] += change)) entered.erase(*scope);
}

void Planner::matched(Place& place, ContainerHandle handle, TraceId id) {
  if (isUnit(handle) && !known.at(id)->wantsUnits()) return;  // a part of the host
  if (insert(place.ever, id) && firstMatch) firstMatch(id, handle);
}

void Planner::forgetIfEmpty(Scope at) {
  auto found = scopes.find(at);
  if (found->second.containers.empty() && found->second.byNumber.empty()) scopes.erase(found);
}

void Planner::addNewcomer(Scope scope) {
  newcomers.insert(scope);
  changed.push_back(scope);
}

void Planner::removeNewcomer(Scope scope) {
  if (newcomers.erase(scope)) changed.push_back(scope);
}

std::vector<Scope> Planner::takeChanged() {
  std::vector<Scope> out = std::exchange(changed, {});
  if (out.size() < 2) return out;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// See planRules(), whose answer this is for one scope.
std::optional<ScopePlan> Planner::planOf(Scope at) const {
  ScopePlan plan;
  if (at.kind == ScopeKind::host) {
    for (const auto& [id, trace] : known)
      if (trace->wantsHost()) plan.traces.push_back(id);
    return hostTraces ? std::optional(plan) : std::nullopt;
  }
  bool hostOrUnit = hostTraces || unitTraces;
  if (hostOrUnit && entered.contains(at)) plan.container = SWOLL_ENTERED;
  auto found = scopes.find(at);
  if (found == scopes.end()) {
    if (auto cgroup = cgroups.find(at); cgroup != cgroups.end()) return cgroup->second;
    if (plan.container) return plan;
    if (!newcomers.contains(at) || !awaitsNewcomers()) return {};
    return newcomerPlan(at, counting);
  }
  const Shared& scope = found->second;
  plan.traces = scope.byNumber;
  for (ContainerHandle handle : scope.containers) {
    const TraceSet& wanted = places.at(handle).wanted;
    TraceSet both;
    std::set_union(plan.traces.begin(), plan.traces.end(), wanted.begin(), wanted.end(),
                   std::back_inserter(both));
    plan.traces = std::move(both);
  }
  if (!scope.containers.empty()) {
    plan.container = scope.containers.back();
    plan.isCounted = counting && places.at(plan.container).isCountable;
    if (auto* known = topology.find(plan.container)) plan.begun = begunAt(at, known->info);
  }
  bool anyCounted =
      counting && std::any_of(scope.containers.begin(), scope.containers.end(),
                              [&](auto handle) { return places.at(handle).isCountable; });
  bool isAskable =  // as a part of a pid namespace; a unit is in none of its own
      spaceTraces && at.kind == ScopeKind::cgroup && isContainer(scope.containers.front());
  bool named = anyCounted || hostOrUnit || !cgroups.empty() || isAskable;
  if (plan.traces.empty() && !named) return {};
  return plan;
}

const TraceSet& Planner::tracesOf(ContainerHandle handle) const {
  static const TraceSet none;
  auto found = places.find(handle);
  return found == places.end() ? none : found->second.wanted;
}

ContainerHandle Planner::containerAt(Scope scope) const {
  auto found = scopes.find(scope);
  return found == scopes.end() || found->second.containers.empty()
             ? 0
             : found->second.containers.back();
}

bool Planner::isHostSpace(uint32_t pidNamespace) const {
  return pidNamespace == initialPidNamespace ||
         entered.contains({ScopeKind::pidNamespace, pidNamespace});
}

TypeSet Planner::newcomerTypes() const {
  TypeSet types;
  if (!awaitsNewcomers()) return types;
  for (EventType type = 0; type < maxTypes; type++) types.set(type, newcomerTraces[type] > 0);
  return types;
}

}  // namespace swoll
