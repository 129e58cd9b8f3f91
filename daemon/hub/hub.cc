// SPDX-License-Identifier: Apache-2.0
#include "hub/hub.h"

#include <algorithm>

#include "base/text.h"
#include "hub/delivery.h"

namespace swoll {
namespace {

// ns. Room for rules that found none may come soon: rows that are free rest before they are used.
constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t retryFirst = second / 10, rulesMost = second, watchMost = 10 * second;
// Between two ticks, when there is something to do soon and when there is nothing but to tidy up.
constexpr uint64_t shortTick = second / 10, idleTick = 10 * second;

}  // namespace

Hub::Hub(const Kernel& kernel, const Clock& clock)
    : kernel(kernel),
      clock(clock),
      callStats(kernel.counters.cells(), nodes),
      planner(nodes, [this](TraceId id, ContainerHandle handle) { noteMatched(id, handle); }),
      rulesRetry(retryFirst, rulesMost),
      watchRetry(retryFirst, watchMost) {
  readClocks();
  reinstall();
}

void Hub::reinstall() {
  giveUpNewcomers(newcomers.all());
  if (isAttached) setAttached(false);
  rules.emplace(kernel.rules, kernel.scopes, kernel.counters,
                [this](const RouteKey& key, const auto& final) { settle(key, final); });
  planner.changeAll();
  apply();
}

Result<CompiledTrace> Hub::compile(TraceSpec spec) const {
  if (spec.name.empty()) spec.name = makeName();
  if (byName.contains(spec.name)) return Error{"trace '" + spec.name + "' exists already"};
  return compileNew(std::move(spec), false);
}

Result<CompiledTrace> Hub::compileNew(TraceSpec spec, bool mayWait) const {
  auto compiled = CompiledTrace::compile(std::move(spec));
  if (!compiled || compiled->spec.cgroup.empty()) return compiled;
  if (findCgroup) compiled->cgroup = findCgroup(compiled->spec.cgroup);
  if (!compiled->cgroup.id && !mayWait)
    return Error{"there is no cgroup '" + shortened(compiled->spec.cgroup) +
                 "' in the cgroup v2 tree"};
  return compiled;
}

Result<const Trace*> Hub::add(TraceSpec spec, uint32_t owner) {
  auto changes = prepare({std::move(spec)}, false);
  if (!changes) return Error{changes.error()};
  return commit(std::move(*changes), owner).front();
}

Result<std::vector<std::string>> Hub::tryOut(TraceSpec spec) const {
  auto compiled = compile(spec);
  if (!compiled) return Error{compiled.error()};
  return wouldMatch(compiled->spec);
}

Result<std::vector<std::string>> Hub::wouldMatch(TraceSpec spec) const {
  auto compiled = compileNew(std::move(spec), true);
  if (!compiled) return Error{compiled.error()};
  std::vector<std::string> ids;
  for (const auto& [handle, known] : nodes.containers())
    if (!known.hidden && compiled->matches(known.info, nodes.node())) ids.push_back(known.info.id);
  return ids;
}

Result<std::unique_ptr<Trace>> Hub::remove(const std::string& name) {
  auto found = find(name);
  if (!found) return Error{found.error()};
  Trace& trace = *byId[(*found)->id];
  bool hadEnded = trace.state == TraceState::expired;
  forget(trace);
  apply();
  kernel.counters.drain();

  trace.ledger = ledger(trace);
  trace.twice = 0;
  past.add(trace.ledger);
  auto out = std::move(byId[trace.id]);
  byId.erase(out->id);
  byName.erase(out->name());
  if (!hadEnded) tellSinks(*out);
  return out;
}

void Hub::start(Trace& trace) {
  if (trace.state != TraceState::expired && trace.compiled.appliesTo(nodes.node()))
    planner.add(trace.id, trace.compiled);
}

// It wants nothing from now on.
void Hub::forget(Trace& trace) {
  trace.state = TraceState::expired;
  planner.remove(trace.id);
  if (!planner.awaitsNewcomers()) giveUpNewcomers(newcomers.all());
}

void Hub::tellSinks(const Trace& ended) {
  // A sink may detach itself here.
  for (Sink* sink : std::vector(sinks)) sink->traceEnded(ended);
}

Result<const Trace*> Hub::find(const std::string& name) const {
  auto found = byName.find(name);
  if (found != byName.end()) return byId.at(found->second).get();
  std::vector<std::string_view> names;
  for (const auto& [known, id] : byName) names.push_back(known);
  return unknown("trace", name, nearest(name, names));
}

Ledger Hub::ledger(const Trace& trace) const {
  Ledger sum = trace.ledger;
  if (!byId.contains(trace.id)) return sum;  // removed: all its counts are in there
  rules->eachRoute([&](RouteId id, const RouteKey& key) {
    if (concerns(key.traces, trace)) sum.add(kernel.counters.counts(id));
  });
  sum.matched -= trace.twice;
  return sum;
}

std::vector<const KnownContainer*> Hub::matched(const Trace& trace) const {
  std::vector<const KnownContainer*> out;
  for (const auto& [handle, known] : nodes.containers()) {
    const TraceSet& wanted = planner.tracesOf(handle);
    if (std::binary_search(wanted.begin(), wanted.end(), trace.id) &&
        trace.compiled.owns(known.info))
      out.push_back(&known);
  }
  return out;
}

std::vector<const Trace*> Hub::tracesOf(const KnownContainer& container) const {
  std::vector<const Trace*> out;
  for (TraceId id : planner.tracesOf(container.handle)) {
    const Trace* trace = byId.at(id).get();
    if (trace->compiled.owns(container.info)) out.push_back(trace);
  }
  return out;
}

void Hub::end(const std::string& reason) {
  hasEnded = true;
  for (const auto& [id, trace] : byId) forget(*trace);
  apply();
  kernel.counters.drain();
  for (Sink* sink : std::vector(sinks)) sink->end(reason);
}

size_t Hub::followers(const Trace& trace) const {
  return std::count_if(sinks.begin(), sinks.end(),
                       [&](Sink* s) { return s->isStream() && s->follows(trace); });
}

void Hub::setContainers(const std::vector<Container>& now,
                        const std::vector<Resolution>& resolutions) {
  // Records that are in the ring are routed with what was known when they were made.
  kernel.counters.drain();
  for (const Resolution& resolution : resolutions) resolved(resolution);
  changed(nodes.update(now));
}

void Hub::setCounting(bool on) {
  planner.setCounting(on);
  if (!planner.awaitsNewcomers()) giveUpNewcomers(newcomers.all());
  apply();
}

void Hub::setNodeSelector(NodeSelector selector) {
  bool renamed = selector.node != nodes.node();  // which hostSelectors speak of
  TopologyChanges changes = nodes.select(std::move(selector));
  if (renamed) {
    for (const auto& [id, trace] : byId) {
      planner.withdraw(id);
      start(*trace);
    }
    apply();
  }
  changed(changes);
}

void Hub::changed(const TopologyChanges& changes) {
  if (changes.empty()) return;
  planner.update(changes);
  apply();
  nameNewcomers(changes);
}

RuleTable::Clock::time_point Hub::ruleTime() const {
  return RuleTable::Clock::time_point(std::chrono::nanoseconds(clock.monotonic()));
}

// Brings to the kernel what has changed since the last time, and what found no room then.
void Hub::apply() {
  appliedAt = clock.sinceBoot();
  std::vector<Scope> scopes = planner.takeChanged();
  for (const Scope& scope : rules->unplaced()) scopes.push_back(scope);
  PlanChanges changes;
  for (const Scope& scope : scopes) changes.emplace_back(scope, planner.planOf(scope));
  rules->setNewcomerTypes(planner.newcomerTypes(), planner.isCounting(), ruleTime());
  auto noRoom = rules->apply(changes, planner.traces(), ruleTime());
  setAttached(!rules->empty());
  noteProblems(noRoom.value_or(""));
  if (onSooner) onSooner();
}

// A trace fails for want of room, or of the hooks of a kind of event that it wants.
void Hub::noteProblems(const std::string& noRoom) {
  std::array<std::string, kindCount> hooks;
  bool hadProblem = problem.has_value();
  problem.reset();
  if (!noRoom.empty()) problem = noRoom;
  lacksHooks = false;
  for (size_t kind = 0; kind < kindCount && isAttached; kind++) {
    hooks[kind] = kernel.hooks.hookProblem(EventKind(kind));
    if (hooks[kind].empty()) continue;
    lacksHooks = true;
    if (!problem) problem = hooks[kind];
  }
  if (!problem && !hadProblem) return;
  for (const auto& [id, trace] : byId) {
    if (trace->state == TraceState::expired) continue;
    trace->reason = noRoom;
    for (size_t kind = 0; kind < kindCount && trace->reason.empty(); kind++)
      if ((trace->compiled.types & typesOf(EventKind(kind))).any()) trace->reason = hooks[kind];
    trace->state = trace->reason.empty() ? TraceState::running : TraceState::failed;
  }
}

void Hub::setAttached(bool on) {
  if (!on && !isAttached) return;
  kernel.hooks.attach(on);
  if (!on) rules->detached();
  isAttached = on;
}

// What interrupts the reading would shift the times of all events.
void Hub::readClocks() {
  constexpr uint64_t together = 2000;  // ns
  for (int attempt = 0; attempt < 5; attempt++) {
    uint64_t monotonic = clock.monotonic();
    clockBase = {.real = clock.realTime() - int64_t(monotonic),
                 .boot = int64_t(clock.sinceBoot() - monotonic)};
    clocksRead = monotonic;
    if (clock.monotonic() - monotonic < together) return;
  }
}

// Whatever is due by itself has a line here.
uint64_t Hub::due() const {
  uint64_t due = ticked + idleTick;
  auto by = [&](uint64_t time) { due = std::min(due, std::max(time, ticked + shortTick)); };
  // A call that sleeps may keep numbers for long.
  if (rules->isRecycling() || !aliases.empty())
    by(ticked - std::min(ticked, appliedAt) < 10 * second ? ticked : ticked + second);
  if (newcomers.waiting() > 0) by(ticked);
  if (problem) by(rulesRetry.next());
  if (newcomersProblem()) by(watchRetry.next());
  for (const auto& [id, trace] : byId) {
    if (trace->state == TraceState::expired) continue;
    uint64_t duration = trace->spec().duration;
    // Whoever waits for it does so by a clock that stands while the machine is suspended.
    if (duration) by(std::min(trace->started + duration, ticked + second));
    if (!trace->spec().cgroup.empty()) by(cgroupsSeen + second);
  }
  return due;
}

void Hub::tick() {
  readClocks();
  uint64_t now = ticked = clock.sinceBoot();
  std::vector<const Trace*> expired;
  for (const auto& [id, trace] : byId) {
    uint64_t duration = trace->spec().duration;
    if (trace->state == TraceState::expired || !duration || now - trace->started < duration)
      continue;
    forget(*trace);
    trace->ended = now;
    expired.push_back(trace.get());
  }
  bool moved = now - cgroupsSeen >= second && followCgroups();
  if (now - cgroupsSeen >= second) cgroupsSeen = now;
  if (watchRetry.isDue(newcomersProblem().has_value(), now)) rules->retryNewcomers();
  bool retries = rulesRetry.isDue(problem.has_value(), now);
  if (!expired.empty() || moved || retries) apply();
  if (!expired.empty()) kernel.counters.drain();
  for (const Trace* trace : expired) tellSinks(*trace);
  giveUpOverdue();
  if (now - cellsSeen >= second) {
    cellsSeen = now;
    callStats.tick(now, [this](uint64_t cgroup) { return newcomers.find(cgroup) != nullptr; });
  }
  rules->recycle(ruleTime());
  forgetAliases();
}

void Hub::settle(const RouteKey& key, const swoll_route_counts& final) {
  for (TraceId id : key.traces)
    if (Trace* trace = living(id)) trace->ledger.add(final);
}

}  // namespace swoll
