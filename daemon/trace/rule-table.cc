// SPDX-License-Identifier: Apache-2.0
#include "trace/rule-table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "trace/ledger.h"

namespace swoll {
namespace {

// Far longer than a program runs: after it none can be reading the row that it looked up.
constexpr auto rowRest = std::chrono::milliseconds(100);
// A call may sleep for days. Its route is looked at again after as long as it has been left, and at
// least this often: even if all that there are sleep, some 80 are looked at in a tenth of a second.
constexpr auto longestWait = std::chrono::seconds(5);

}  // namespace

// The last of each belong to newcomers; they are never given back.
RuleTable::RuleTable(KernelRules& kernelRules, KernelScopes& kernelScopes, KernelCounters& counters,
                     Retired retired)
    : kernelRules(kernelRules),
      kernelScopes(kernelScopes),
      counters(counters),
      retired(std::move(retired)) {
  static_assert(SWOLL_NEWCOMER_ROW == SWOLL_MAX_ROWS - 1);
  static_assert(SWOLL_NEWCOMER_ROUTE == SWOLL_MAX_ROUTES - 1);
  for (RowId row = SWOLL_NEWCOMER_ROW - 1; row > 0; row--) freeRows.push_back(row);
  for (RouteId route = SWOLL_NEWCOMER_ROUTE - 1; route > 0; route--) freeRoutes.push_back(route);
}

std::optional<std::string> RuleTable::apply(const PlanChanges& changes, const Traces& traces,
                                            Clock::time_point now) {
  std::vector<RowId> left;  // released at the end: a scope that comes later may want them
  for (const auto& [scope, wanted] : changes) {
    if (!wanted) continue;
    const char* problem = put(scope, *wanted, traces, now, left);
    if (problem)
      problems[scope] = problem;
    else
      problems.erase(scope);
  }
  for (const auto& [scope, wanted] : changes)
    if (!wanted) drop(scope, left);
  for (RowId row : left) releaseRow(row, now);
  if (problems.empty()) return {};
  return problems.begin()->second;
}

// Answers why it could not.
const char* RuleTable::put(Scope scope, const ScopePlan& plan, const Traces& traces,
                           Clock::time_point now, std::vector<RowId>& left) {
  auto found = scopes.find(scope);
  if (found != scopes.end() && found->second.plan == plan && !found->second.isForeign)
    return nullptr;
  auto row = acquireRowOf(plan, traces, now);
  if (!row) return "the kernel's table of rules is full; some containers are not traced";
  writeCount++;
  swoll_scope value{
      .container = plan.container, .row = *row, .counted = plan.isCounted, .begun = plan.begun};
  if (!kernelScopes.setScope(scope, value)) {
    left.push_back(*row);
    return "the kernel's table of containers is full; some containers are not traced";
  }
  rules += rulesOf(*row);
  if (found != scopes.end()) {
    rules -= rulesOf(found->second.row);
    left.push_back(found->second.row);
  }
  scopes[scope] = ScopeEntry{plan, *row};
  return nullptr;
}

void RuleTable::drop(Scope scope, std::vector<RowId>& left) {
  problems.erase(scope);
  auto found = scopes.find(scope);
  if (found == scopes.end()) return;
  writeCount++;
  kernelScopes.removeScope(scope);
  rules -= rulesOf(found->second.row);
  left.push_back(found->second.row);
  scopes.erase(found);
}

std::vector<Scope> RuleTable::unplaced() const {
  std::vector<Scope> out;
  for (const auto& [scope, problem] : problems) out.push_back(scope);
  return out;
}

void RuleTable::claim(Scope scope) {
  auto [at, fresh] = scopes.try_emplace(scope, ScopeEntry{{}, SWOLL_NEWCOMER_ROW});
  at->second.isForeign = true;
}

void RuleTable::setNewcomerTypes(const TypeSet& types, bool counting, Clock::time_point now) {
  if (types == newcomerTypes && counting == isCounting) return;
  TypeSet before = std::exchange(newcomerTypes, types);
  bool watched = before.any() || isCounting;
  if (isCounting != counting) kernelRules.setCounting(counting);
  isCounting = counting;
  if (before.none()) kernelRules.setRoute(SWOLL_NEWCOMER_ROUTE, {});
  std::array<uint32_t, SWOLL_MAX_TYPES> entries{};
  for (EventType type = 0; type < maxTypes; type++) {
    if (types.test(type)) entries[type] = SWOLL_NEWCOMER_ROUTE;
    if (types.test(type) && !before.test(type)) want(type);
  }
  kernelRules.setRow(SWOLL_NEWCOMER_ROW, entries);
  writeCount++;
  for (EventType type = 0; type < maxTypes; type++)
    if (!types.test(type) && before.test(type)) wantNoMore(type, now);
  if (watched != (types.any() || counting)) unwatched = kernelScopes.watchNewcomers(!watched);
}

void RuleTable::retryNewcomers() {
  if (unwatched) unwatched = kernelScopes.watchNewcomers(true);
}

size_t RuleTable::rulesOf(RowId row) const {
  auto found = rows.find(row);
  return found == rows.end() ? 0 : found->second.types.size();
}

void RuleTable::want(EventType type) {
  if (typeRows[type]++ == 0 && !unwanted.erase(type)) kernelRules.setWanted(type, true);
}

void RuleTable::wantNoMore(EventType type, Clock::time_point now) {
  if (--typeRows[type] == 0) unwanted[type] = now;
}

std::optional<RowId> RuleTable::acquireRowOf(const ScopePlan& plan, const Traces& traces,
                                             Clock::time_point now) {
  if (plan.isNewcomer) return RowId(SWOLL_NEWCOMER_ROW);
  return acquireRow(plan.traces, traces, now);
}

std::optional<RowId> RuleTable::acquireRow(const TraceSet& set, const Traces& traces,
                                           Clock::time_point now) {
  if (set.empty()) return RowId(0);
  if (auto found = rowOf.find(set); found != rowOf.end()) {
    rows[found->second].scopes++;
    return found->second;
  }
  if (freeRows.empty()) return {};

  Row row{set, {}, 1};
  std::array<uint32_t, SWOLL_MAX_TYPES> entries{};
  for (const auto& [type, key] : planRow(set, traces)) {
    auto route = acquireRoute(key);
    if (!route) {
      for (auto& [taken, id] : row.types) releaseRoute(id, now);
      return {};
    }
    row.types[type] = *route;
    entries[type] = *route | (key.test.filter.flags ? SWOLL_ROUTE_FILTERED : 0);
  }
  RowId id = freeRows.back();
  freeRows.pop_back();
  kernelRules.setRow(id, entries);
  writeCount++;
  for (const auto& [type, route] : row.types) {
    want(type);
    carry(route, type);
  }
  rows[id] = std::move(row);
  rowOf[set] = id;
  return id;
}

std::optional<RouteId> RuleTable::acquireRoute(const RouteKey& key) {
  auto found = routeOf.find(&key);
  if (found == routeOf.end()) {
    if (freeRoutes.empty()) return {};
    RouteId id = freeRoutes.back();
    freeRoutes.pop_back();
    counters.resetCounts(id);
    kernelRules.setRoute(id, key.test.filter);
    writeCount++;
    const Route& route = routes[id] = Route{std::make_shared<const RouteKey>(key), 0, {}, {}};
    found = routeOf.emplace(route.key.get(), id).first;
  }
  routes[found->second].rows++;
  return found->second;
}

void RuleTable::releaseRow(RowId id, Clock::time_point now) {
  if (id == 0 || id == SWOLL_NEWCOMER_ROW || --rows[id].scopes > 0) return;
  Row& row = rows[id];
  for (const auto& [type, route] : row.types) {
    wantNoMore(type, now);
    releaseRoute(route, now);
  }
  rowOf.erase(row.traces);
  rows.erase(id);
  restingRows.emplace_back(now, id);
}

void RuleTable::releaseRoute(RouteId id, Clock::time_point now) {
  Route& route = routes[id];
  if (--route.rows > 0) return;
  routeOf.erase(route.key.get());
  route.left = now;
  // Until its last row has rested, a program may still match it.
  retiring.emplace(now + rowRest, id);
}

void RuleTable::carry(RouteId id, EventType type) {
  TypeSet& types = routes[id].types;
  if (!types.test(type)) typeRoutes[type]++;
  types.set(type);
}

void RuleTable::recycle(Clock::time_point now) {
  while (!restingRows.empty() && now - restingRows.front().first >= rowRest) {
    freeRows.push_back(restingRows.front().second);
    restingRows.pop_front();
  }
  std::vector<std::pair<RouteId, swoll_route_counts>> ended;
  while (!retiring.empty() && retiring.begin()->first <= now) {
    RouteId id = retiring.begin()->second;
    retiring.erase(retiring.begin());
    auto counts = counters.counts(id);
    if (inFlight(counts) == 0)
      ended.emplace_back(id, counts);
    else
      retiring.emplace(now + std::min<Clock::duration>(now - routes[id].left, longestWait), id);
  }
  // What the kernel has sent is routed before its route is forgotten.
  if (!ended.empty()) counters.drain();
  for (const auto& [id, counts] : ended) retire(id, counts);
  dropUnwanted(now);
}

void RuleTable::detached() {
  counters.drain();
  for (const auto& [due, id] : retiring) {
    auto counts = counters.counts(id);
    counts.abandoned += inFlight(counts);
    retire(id, counts);
  }
  retiring.clear();
  dropUnwanted(Clock::time_point::max());
}

// Of newcomers' calls none is waited for: their route never retires, and no trace wants them now.
void RuleTable::dropUnwanted(Clock::time_point now) {
  std::erase_if(unwanted, [&](const auto& entry) {
    auto [type, since] = entry;
    if (now - since < rowRest || typeRoutes[type] > 0) return false;
    kernelRules.setWanted(type, false);
    return true;
  });
}

void RuleTable::retire(RouteId id, const swoll_route_counts& counts) {
  const Route& route = routes[id];
  retired(*route.key, counts);
  for (size_t type = route.types._Find_first(); type < maxTypes;
       type = route.types._Find_next(type))
    typeRoutes[EventType(type)]--;
  routes.erase(id);
  freeRoutes.push_front(id);
}

const RouteKey* RuleTable::route(RouteId id) const {
  auto found = routes.find(id);
  return found == routes.end() ? nullptr : found->second.key.get();
}

std::shared_ptr<const RouteKey> RuleTable::shareRoute(RouteId id) const {
  auto found = routes.find(id);
  return found == routes.end() ? nullptr : found->second.key;
}

void RuleTable::eachRoute(const std::function<void(RouteId, const RouteKey&)>& each) const {
  for (const auto& [id, route] : routes) each(id, *route.key);
}

}  // namespace swoll
