// SPDX-License-Identifier: Apache-2.0
// A kernel that writes down what it is told. A test sets its counts and what fails.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "keep.h"
#include "syscall/syscall-table.h"
#include "trace/kernel.h"

namespace swoll {

// Each key once, with what a test has put there.
class FakeCells final : public CallCells {
 public:
  void each(const std::function<void(uint64_t, const swoll_cell&)>& take) const override {
    for (const auto& [key, cell] : cells) take(key, cell);
  }
  void release(const std::function<bool(uint64_t)>& which) override {
    std::erase_if(cells, [&](const auto& entry) { return which(entry.first); });
  }
  size_t size() const override { return 1024; }
  size_t used() const override { return cells.size(); }
  swoll_cell withoutCell() const override { return {}; }
  uint64_t uncounted() const override { return 0; }

  std::multimap<uint64_t, swoll_cell> cells;
};

class FakeKernel final : public KernelRules,
                         public KernelScopes,
                         public KernelCounters,
                         public KernelHooks {
 public:
  operator Kernel() { return {*this, *this, *this, *this}; }

  void setRoute(RouteId route, const swoll_filter& filter) override {
    note("route " + std::to_string(route) + (filter.flags ? " filtered" : ""));
    filters[route] = filter;
  }
  void setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) override {
    note("row " + std::to_string(row));
    for (uint32_t entry : routes) {
      RouteId route = entry & SWOLL_ROUTE_MASK;
      if (!route) continue;
      if (!filters.contains(route)) wrong += "row before its route; ";
      if (bool(entry & SWOLL_ROUTE_FILTERED) != bool(filters[route].flags)) wrong += "flag; ";
    }
    std::copy(routes.begin(), routes.end(), rows[row].begin());
  }
  void setWanted(EventType call, bool on) override {
    if (on == wanted.contains(call)) wrong += "wanted twice; ";
    on ? void(wanted.insert(call)) : void(wanted.erase(call));
  }
  bool setScope(Scope scope, const swoll_scope& value) override {
    RowId row = value.row;
    bool room = scopes.contains(scope) || scopes.size() < scopeRoom;
    note(name(scope) + "=" + std::to_string(value.container) + "/row " + std::to_string(row) +
         (value.counted ? " counted" : "") +
         (value.begun ? " since " + std::to_string(value.begun) : "") + (room ? "" : " (full)"));
    if (row && !rows.contains(row)) wrong += "scope before its row; ";
    if (room) scopes[scope] = {value.container, row, bool(value.counted)};
    return room;
  }
  void removeScope(Scope scope) override {
    note("no " + name(scope));
    if (!scopes.erase(scope)) wrong += "removed what was not there; ";
  }
  swoll_route_counts counts(RouteId route) override {
    countsRead++;
    return routeCounts[route];
  }
  void resetCounts(RouteId route) override { routeCounts[route] = {}; }
  void attach(bool on) override {
    if (on != attached) note(on ? "attach" : "detach");
    attached = on && !problem;
  }
  std::string hookProblem(EventKind kind) const override {
    const KindInfo& info = kindInfo(kind);
    bool isWanted = counting && kind == EventKind::syscall;
    for (EventType type : wanted) isWanted |= type >= info.first && type < info.end;
    return problem.value_or(isWanted ? hookProblems[size_t(kind)] : "");
  }
  std::optional<std::string> watchNewcomers(bool on) override {
    note(on ? "watch" : "no watch");
    if (on && watchProblem) return watchProblem;
    watching = on;
    return {};
  }
  void newcomerTaken() override {
    note("taken");
    if (newcomers-- == 0) wrong += "taken what never came; ";
  }
  uint64_t newcomersLost() override { return lost; }
  void setCounting(bool on) override {
    note(on ? "count" : "no count");
    counting = on;
  }
  CallCells& cells() override { return callCells; }
  void drain() override {
    drains++;
    if (onDrain) std::exchange(onDrain, nullptr)();
  }

  // What the programs do by themselves for a new cgroup.
  void showNewcomer(uint64_t id) {
    scopes.try_emplace({ScopeKind::cgroup, id},
                       Entry{SWOLL_NEWCOMER | id, SWOLL_NEWCOMER_ROW, counting});
    newcomers++;
  }

  // What was done since the last call, in order.
  std::string done() { return std::exchange(log, ""); }

  // A call of one scope, as the programs would take it: its route, 0 for none.
  uint32_t entry(Scope scope, const char* call) const {
    auto found = scopes.find(scope);
    if (found == scopes.end() || !found->second.row) return 0;
    CallId id = callsByName(call).front();
    return wanted.contains(id) ? rows.at(found->second.row)[id] : 0;
  }
  RouteId route(Scope scope, const char* call) const {
    return RouteId(entry(scope, call) & SWOLL_ROUTE_MASK);
  }

  static std::string name(Scope scope) {
    static constexpr const char* kinds[] = {"host", "cgroup ", "pidns "};
    std::string text = kinds[size_t(scope.kind)];
    return scope.kind == ScopeKind::host ? text : text + std::to_string(scope.id);
  }

  struct Entry {
    uint64_t container;
    RowId row;
    bool counted = false;
  };
  std::map<Scope, Entry> scopes;
  std::map<RowId, std::array<uint32_t, SWOLL_MAX_TYPES>> rows;
  std::map<RouteId, swoll_filter> filters;
  std::set<uint16_t> wanted;
  std::map<RouteId, swoll_route_counts> routeCounts;
  size_t countsRead = 0;
  std::string wrong;  // orders that would have lost events
  size_t scopeRoom = SIZE_MAX;
  std::optional<std::string> problem;               // of attach()
  std::array<std::string, kindCount> hookProblems;  // of one kind
  bool attached = false;
  std::optional<std::string> watchProblem;  // of watchNewcomers()
  bool watching = false;
  bool counting = false;
  FakeCells callCells;
  size_t newcomers = 0;  // shown and not taken
  uint64_t lost = 0;
  size_t drains = 0;
  std::function<void()> onDrain;  // once

 private:
  void note(const std::string& what) { log += (log.empty() ? "" : "; ") + what; }
  std::string log;
};

inline Scope cgroup(uint64_t id) { return {ScopeKind::cgroup, id}; }
inline Scope pidns(uint64_t id) { return {ScopeKind::pidNamespace, id}; }
inline constexpr Scope host{};

}  // namespace swoll
