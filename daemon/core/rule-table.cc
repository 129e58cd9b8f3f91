// SPDX-License-Identifier: Apache-2.0
#include "core/rule-table.h"

#include <algorithm>
#include <array>

#include "core/ledger.h"

namespace swoll {
namespace {

// Far longer than a program runs: after it none can be reading the row that it looked up.
constexpr auto rowRest = std::chrono::milliseconds(100);

}  // namespace

RuleTable::RuleTable(KernelFilter& kernel, Retired retired)
    : kernel(kernel), retired(std::move(retired)) {
  for (RowId row = SWOLL_MAX_ROWS - 1; row > 0; row--) freeRows.push_back(row);
  for (RouteId route = SWOLL_MAX_ROUTES - 1; route > 0; route--) freeRoutes.push_back(route);
}

std::optional<std::string> RuleTable::apply(const Plan& plan, const Traces& traces,
                                            Clock::time_point now) {
  std::optional<std::string> problem;
  std::vector<RowId> left;  // released at the end: a scope that comes later may want them

  for (const auto& [scope, wanted] : plan) {
    auto found = scopes.find(scope);
    if (found != scopes.end() && found->second.plan == wanted) continue;
    auto row = acquireRow(wanted.traces, traces);
    if (!row) {
      problem = "the kernel's table of rules is full; some containers are not traced";
      continue;
    }
    writeCount++;
    if (!kernel.setScope(scope, wanted.container, *row)) {
      problem = "the kernel's table of containers is full; some containers are not traced";
      left.push_back(*row);
      continue;
    }
    if (found != scopes.end()) left.push_back(found->second.row);
    scopes[scope] = ScopeEntry{wanted, *row};
  }
  for (auto it = scopes.begin(); it != scopes.end();) {
    auto current = it++;
    if (plan.contains(current->first)) continue;
    writeCount++;
    kernel.removeScope(current->first);
    left.push_back(current->second.row);
    scopes.erase(current);
  }
  for (RowId row : left) releaseRow(row, now);
  return problem;
}

std::optional<RowId> RuleTable::acquireRow(const TraceSet& set, const Traces& traces) {
  if (set.empty()) return RowId(0);
  if (auto found = rowOf.find(set); found != rowOf.end()) {
    rows[found->second].scopes++;
    return found->second;
  }
  if (freeRows.empty()) return {};

  Row row{set, {}, 1};
  std::array<uint32_t, SWOLL_MAX_CALLS> entries{};
  for (const auto& [call, key] : planRow(set, traces)) {
    auto route = acquireRoute(key);
    if (!route) {
      for (auto& [taken, id] : row.calls) releaseRoute(id);
      return {};
    }
    row.calls[call] = *route;
    entries[call] = *route | (key.test.filter.flags ? SWOLL_ROUTE_FILTERED : 0);
  }
  RowId id = freeRows.back();
  freeRows.pop_back();
  kernel.setRow(id, entries);
  writeCount++;
  for (const auto& [call, route] : row.calls)
    if (callRows[call]++ == 0 && !unwanted.erase(call)) kernel.setWanted(call, true);
  rows[id] = std::move(row);
  rowOf[set] = id;
  return id;
}

std::optional<RouteId> RuleTable::acquireRoute(const RouteKey& key) {
  auto found = routeOf.find(key);
  if (found == routeOf.end()) {
    if (freeRoutes.empty()) return {};
    RouteId id = freeRoutes.back();
    freeRoutes.pop_back();
    kernel.resetCounts(id);
    kernel.setRoute(id, key.test.filter);
    writeCount++;
    routes[id] = Route{key, 0};
    found = routeOf.emplace(key, id).first;
  }
  routes[found->second].rows++;
  return found->second;
}

void RuleTable::releaseRow(RowId id, Clock::time_point now) {
  if (id == 0 || --rows[id].scopes > 0) return;
  Row& row = rows[id];
  for (const auto& [call, route] : row.calls) {
    if (--callRows[call] == 0) unwanted.insert(call);
    releaseRoute(route);
  }
  rowOf.erase(row.traces);
  rows.erase(id);
  restingRows.emplace_back(now, id);
}

void RuleTable::releaseRoute(RouteId id) {
  if (--routes[id].rows > 0) return;
  routeOf.erase(routes[id].key);
  retiring.push_back(id);
}

void RuleTable::recycle(Clock::time_point now) {
  bool rested = restingRows.empty();
  while (!restingRows.empty() && now - restingRows.front().first >= rowRest) {
    freeRows.push_back(restingRows.front().second);
    restingRows.pop_front();
    rested = restingRows.empty();
  }
  // While a row rests, a program may still match one of its routes.
  if (!rested) return;
  if (retiring.empty()) return dropUnwanted();
  // What the kernel has sent is routed before its route is forgotten.
  std::vector<std::pair<RouteId, swoll_route_counts>> ended;
  std::erase_if(retiring, [&](RouteId id) {
    auto counts = kernel.counts(id);
    if (inFlight(counts) != 0) return false;
    ended.emplace_back(id, counts);
    return true;
  });
  if (ended.empty()) return;
  kernel.drain();
  for (const auto& [id, counts] : ended) retire(id, counts);
}

void RuleTable::detached() {
  kernel.drain();
  for (RouteId id : retiring) {
    auto counts = kernel.counts(id);
    counts.abandoned += inFlight(counts);
    retire(id, counts);
  }
  retiring.clear();
  dropUnwanted();
}

void RuleTable::dropUnwanted() {
  for (CallId call : unwanted) kernel.setWanted(call, false);
  unwanted.clear();
}

void RuleTable::retire(RouteId id, const swoll_route_counts& counts) {
  retired(routes[id].key, counts);
  routes.erase(id);
  freeRoutes.insert(freeRoutes.begin(), id);
}

const RouteKey* RuleTable::route(RouteId id) const {
  auto found = routes.find(id);
  return found == routes.end() ? nullptr : &found->second.key;
}

void RuleTable::eachRoute(const std::function<void(RouteId, const RouteKey&)>& each) const {
  for (const auto& [id, route] : routes) each(id, route.key);
}

size_t RuleTable::ruleCount() const {
  size_t count = 0;
  for (const auto& [scope, entry] : scopes)
    if (auto row = rows.find(entry.row); row != rows.end()) count += row->second.calls.size();
  return count;
}

}  // namespace swoll
