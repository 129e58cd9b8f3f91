// SPDX-License-Identifier: Apache-2.0
// The rules that are in the kernel, and how to get to others with the fewest changes. A resource:
// it owns the numbers of rows and routes.
//
// Order matters, for calls go on while rules change: routes and rows are written before a scope
// points to them, and a scope moves from one row to another in one step, so a trace that is in
// both loses nothing. A number that is given back is used again only when nothing in the kernel
// can still carry it: a row after a while (a program may be reading it), a route when its last row
// has rested so and each call that it matched has come to its end. Each in its own time, whatever
// else comes and goes meanwhile; and as looking at a route reads a counter of each CPU, one whose
// calls sleep is looked at seldom.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trace/kernel.h"
#include "trace/rules.h"

namespace swoll {

// Scopes with the plan that each should have; none: it goes.
using PlanChanges = std::vector<std::pair<Scope, std::optional<ScopePlan>>>;

class RuleTable {
 public:
  using Clock = std::chrono::steady_clock;
  // Called when a route's counts are final: the last word on events of those traces.
  using Retired = std::function<void(const RouteKey&, const swoll_route_counts&)>;

  RuleTable(KernelRules& kernelRules, KernelScopes& kernelScopes, KernelCounters& counters,
            Retired retired);

  // Makes the kernel's rules of these scopes those of their plans. Scopes with the plan that they
  // have already cost nothing. Answers what found no room, of these or earlier ones.
  std::optional<std::string> apply(const PlanChanges& changes, const Traces& traces,
                                   Clock::time_point now);
  // Found no room: worth another apply().
  std::vector<Scope> unplaced() const;
  // The types of event of the row that the kernel gives to newcomers. `counting`: it counts calls,
  // and theirs too.
  void setNewcomerTypes(const TypeSet& types, bool counting, Clock::time_point now);
  // Why the kernel does not tell of new cgroups, though something waits for them.
  const std::optional<std::string>& newcomersProblem() const { return unwatched; }
  void retryNewcomers();
  // The kernel has given the scope that row by itself: the next apply() writes over it in any case.
  void claim(Scope scope);
  // Takes back the numbers whose time has come.
  void recycle(Clock::time_point now);
  // Whether recycle() may have something to do.
  bool isRecycling() const {
    return !restingRows.empty() || !retiring.empty() || !unwanted.empty();
  }
  // The hooks are off: what is in flight will not arrive.
  void detached();

  // Whose events a record's route is for; null for a number that is not in use.
  const RouteKey* route(RouteId id) const;
  // The same for records that are kept: it outlives the number.
  std::shared_ptr<const RouteKey> shareRoute(RouteId id) const;
  void eachRoute(const std::function<void(RouteId, const RouteKey&)>& each) const;

  // Nothing need be attached.
  bool empty() const { return scopes.empty() && newcomerTypes.none() && !isCounting; }
  // (scope, type) pairs, as users count rules.
  size_t ruleCount() const { return rules; }
  size_t writes() const { return writeCount; }  // to the kernel, since the start

 private:
  struct Route {
    std::shared_ptr<const RouteKey> key;
    uint32_t rows = 0;         // that use it
    TypeSet types;             // that some row has had it for
    Clock::time_point left{};  // when the last row went
  };
  struct ByKey {
    bool operator()(const RouteKey* a, const RouteKey* b) const { return *a < *b; }
  };
  struct Row {
    TraceSet traces;
    std::map<EventType, RouteId> types;
    uint32_t scopes = 0;  // that use it
  };
  struct ScopeEntry {
    ScopePlan plan;
    RowId row = 0;
    bool isForeign = false;  // the kernel has written it
  };

  const char* put(Scope scope, const ScopePlan& plan, const Traces& traces, Clock::time_point now,
                  std::vector<RowId>& left);
  void drop(Scope scope, std::vector<RowId>& left);
  size_t rulesOf(RowId row) const;
  void want(EventType type);
  void wantNoMore(EventType type, Clock::time_point now);
  std::optional<RowId> acquireRowOf(const ScopePlan& plan, const Traces& traces,
                                    Clock::time_point now);
  std::optional<RowId> acquireRow(const TraceSet& set, const Traces& traces, Clock::time_point now);
  std::optional<RouteId> acquireRoute(const RouteKey& key);
  void releaseRow(RowId row, Clock::time_point now);
  void releaseRoute(RouteId id, Clock::time_point now);
  void carry(RouteId id, EventType type);
  void retire(RouteId id, const swoll_route_counts& counts);
  void dropUnwanted(Clock::time_point now);

  KernelRules& kernelRules;
  KernelScopes& kernelScopes;
  KernelCounters& counters;
  Retired retired;
  size_t writeCount = 0;
  size_t rules = 0;

  std::map<Scope, ScopeEntry> scopes;
  std::map<Scope, const char*> problems;  // of scopes without the plan that they should have
  TypeSet newcomerTypes;
  std::optional<std::string> unwatched;  // why
  bool isCounting = false;
  std::map<RowId, Row> rows;
  std::map<TraceSet, RowId> rowOf;
  std::map<RouteId, Route> routes;  // in use and retiring
  std::map<const RouteKey*, RouteId, ByKey> routeOf;
  std::map<EventType, uint32_t> typeRows;    // rows that have a route for the type
  std::map<EventType, uint32_t> typeRoutes;  // in use and retiring, that have had it
  // No row has had them since; the kernel looks for their exits until each that has entered has
  // ended.
  std::map<EventType, Clock::time_point> unwanted;

  std::vector<RowId> freeRows;
  std::deque<RouteId> freeRoutes;
  std::deque<std::pair<Clock::time_point, RowId>> restingRows;
  std::multimap<Clock::time_point, RouteId> retiring;  // when each is to be looked at
};

}  // namespace swoll
