// SPDX-License-Identifier: Apache-2.0
#include "hub/rule-installer.h"

#include <algorithm>

namespace swoll {
namespace {

// ns. Room for rules that found none may come soon: rows that are free rest before they are used.
constexpr uint64_t retryFirst = nsPerSecond / 10, rulesMost = nsPerSecond,
                   watchMost = 10 * nsPerSecond;

}  // namespace

RuleInstaller::RuleInstaller(const Kernel& kernel, const Clock& clock, Planner& planner,
                             TraceTable& traces)
    : kernel(kernel),
      clock(clock),
      planner(planner),
      traces(traces),
      rulesRetry(retryFirst, rulesMost),
      watchRetry(retryFirst, watchMost) {}

void RuleInstaller::sooner() const {
  if (onSooner) onSooner();
}

RuleTable::Clock::time_point RuleInstaller::now() const {
  return RuleTable::Clock::time_point(std::chrono::nanoseconds(clock.monotonic()));
}

void RuleInstaller::reinstall() {
  if (isAttached) setAttached(false);
  rules.emplace(kernel.rules, kernel.scopes, kernel.counters,
                [this](const RouteKey& key, const auto& final) { settle(key, final); });
  planner.changeAll();
  apply();
}

void RuleInstaller::apply() {
  applied = clock.sinceBoot();
  std::vector<Scope> scopes = planner.takeChanged();
  for (const Scope& scope : rules->unplaced()) scopes.push_back(scope);
  PlanChanges changes;
  for (const Scope& scope : scopes) changes.emplace_back(scope, planner.planOf(scope));
  rules->setNewcomerTypes(planner.newcomerTypes(), planner.isCounting(), now());
  auto noRoom = rules->apply(changes, planner.traces(), now());
  setAttached(!rules->empty());
  noteProblems(noRoom.value_or(""));
  sooner();
}

void RuleInstaller::claim(Scope scope) {
  rules->claim(scope);
  rules->apply({{scope, planner.planOf(scope)}}, planner.traces(), now());
}

// A trace fails for want of room, or of the hooks of a kind of event that it wants.
void RuleInstaller::noteProblems(const std::string& noRoom) {
  std::array<std::string, kindCount> hooks;
  bool hadProblem = problem.has_value();
  problem.reset();
  if (!noRoom.empty()) problem = noRoom;
  for (size_t kind = 0; kind < kindCount && isAttached; kind++) {
    hooks[kind] = kernel.hooks.hookProblem(EventKind(kind));
    if (!hooks[kind].empty() && !problem) problem = hooks[kind];
  }
  if (!problem && !hadProblem) return;
  for (const auto& [id, trace] : traces.all()) {
    if (trace->state == TraceState::expired) continue;
    trace->reason = noRoom;
    for (size_t kind = 0; kind < kindCount && trace->reason.empty(); kind++)
      if ((trace->compiled.types & typesOf(EventKind(kind))).any()) trace->reason = hooks[kind];
    trace->state = trace->reason.empty() ? TraceState::running : TraceState::failed;
  }
}

void RuleInstaller::setAttached(bool on) {
  if (!on && !isAttached) return;
  kernel.hooks.attach(on);
  if (!on) rules->detached();
  isAttached = on;
}

void RuleInstaller::addCounts(const Trace& trace, Ledger& to) const {
  rules->eachRoute([&](RouteId id, const RouteKey& key) {
    if (traces.concerns(key.traces, trace)) to.add(kernel.counters.counts(id));
  });
}

void RuleInstaller::settle(const RouteKey& key, const swoll_route_counts& final) {
  for (TraceId id : key.traces)
    if (Trace* trace = traces.living(id)) trace->ledger.add(final);
}

bool RuleInstaller::retry(uint64_t now) {
  if (watchRetry.isDue(newcomersProblem().has_value(), now)) rules->retryNewcomers();
  return rulesRetry.isDue(problem.has_value(), now);
}

void RuleInstaller::recycle() {
  rules->recycle(now());
  if (!traces.hasAliases()) return;
  std::set<TraceId> used;
  rules->eachRoute(
      [&](RouteId, const RouteKey& key) { used.insert(key.traces.begin(), key.traces.end()); });
  traces.forgetAliases(used);
}

void RuleInstaller::tellDue(uint64_t ticked, const DueBy& by) const {
  // A call that sleeps may keep numbers for long.
  if (rules->isRecycling() || traces.hasAliases())
    by(ticked - std::min(ticked, applied) < 10 * nsPerSecond ? ticked : ticked + nsPerSecond);
  if (problem) by(rulesRetry.next());
  if (newcomersProblem()) by(watchRetry.next());
}

}  // namespace swoll
