// SPDX-License-Identifier: Apache-2.0
#include "hub/trace-registry.h"

#include <algorithm>

#include "hub/container-edit.h"

namespace swoll {
TraceRegistry::TraceRegistry(KernelCounters& kernel, const Clock& clock, const Topology& nodes,
                             Planner& planner, TraceTable& traces, RuleInstaller& rules,
                             Arrivals& arrivals, SinkList& sinks)
    : kernel(kernel),
      clock(clock),
      nodes(nodes),
      planner(planner),
      traces(traces),
      rules(rules),
      arrivals(arrivals),
      sinks(sinks) {}

// ---- what comes ----

Result<const Trace*> TraceRegistry::add(TraceSpec spec, uint32_t owner) {
  auto changes = prepare({std::move(spec)}, false);
  if (!changes) return Error{changes.error()};
  return commit(std::move(*changes), owner).front();
}

std::vector<const Trace*> TraceRegistry::commit(std::vector<TraceChange> changes, uint32_t owner) {
  std::vector<const Trace*> out;
  bool any = false;
  for (TraceChange& change : changes) {
    Trace* old = traces.named(change.compiled.spec.name);
    bool isSame = change.kind == TraceChange::Kind::unchanged && old;
    any |= !isSame;
    out.push_back(isSame ? old : &commit(change, old, owner));
  }
  if (any) rules.apply();
  return out;
}

// The old trace's place, counts and streams are the new one's from here on.
Trace& TraceRegistry::commit(TraceChange& change, Trace* old, uint32_t owner) {
  auto made = std::make_unique<Trace>(traces.newId(), std::move(change.compiled),
                                      change.owner.value_or(old ? old->owner : owner));
  made->created = change.created ? change.created : old ? old->created : clock.realTime();
  made->started = clock.sinceBoot() - change.elapsed;
  made->since = old ? old->since : clock.monotonic();
  uint64_t duration = made->spec().duration;
  if (duration && change.elapsed >= duration) {
    made->state = TraceState::expired;
    made->ended = clock.sinceBoot();
  }
  Trace& fresh = traces.add(std::move(made));
  if (old) {
    traces.inherit(*old, fresh);
    sinks.traceReplaced(*old, fresh);
    planner.inherit(old->id, fresh.id);
    planner.remove(old->id);
    traces.take(old->id);
  }
  start(fresh);
  return fresh;
}

// ---- what changes ----

void TraceRegistry::start(Trace& trace) {
  if (trace.state != TraceState::expired && trace.compiled.appliesTo(nodes.node()))
    planner.add(trace.id, trace.compiled);
}

void TraceRegistry::restart(Trace& trace) {
  planner.withdraw(trace.id);
  start(trace);
}

void TraceRegistry::renamed() {
  for (const auto& [id, trace] : traces.all()) restart(*trace);
  rules.apply();
}

void TraceRegistry::setFindCgroup(FindCgroup find) {
  findCgroup = std::move(find);
  if (followCgroups()) rules.apply();
}

bool TraceRegistry::followCgroups() {
  bool moved = false;
  for (const auto& [id, trace] : traces.all()) {
    if (trace->spec().cgroup.empty() || !findCgroup) continue;
    CgroupAt at = findCgroup(trace->spec().cgroup);
    if (at == trace->compiled.cgroup) continue;
    moved = true;
    planner.withdraw(id);
    trace->compiled.cgroup = at;
    start(*trace);
  }
  return moved;
}

Result<const Trace*> TraceRegistry::addContainer(const std::string& name,
                                                 const std::string& reference) {
  return change(name, reference, true);
}

Result<const Trace*> TraceRegistry::removeContainer(const std::string& name,
                                                    const std::string& reference) {
  return change(name, reference, false);
}

Result<const Trace*> TraceRegistry::change(const std::string& name, const std::string& reference,
                                           bool add) {
  auto found = traces.find(name);
  if (!found) return Error{found.error()};
  auto container = findContainer(nodes, reference);
  if (!container) return Error{container.error()};
  Trace& trace = **found;
  if (trace.state == TraceState::expired) return Error{"trace '" + name + "' has ended"};
  const Container& info = (*container)->info;
  if (!add && !trace.compiled.wantsContainer(info, nodes.node()))
    return Error{"trace '" + name + "' does not match container '" + fullName(info) + "'"};
  planner.withdraw(trace.id);
  auto error = editContainers(trace, info, nodes.node(), add);
  start(trace);
  rules.apply();
  if (error) return *error;
  return &trace;
}

// ---- what goes ----

// It wants nothing from now on.
void TraceRegistry::forget(Trace& trace) {
  trace.state = TraceState::expired;
  planner.remove(trace.id);
  arrivals.giveUpUnawaited();
}

Result<std::unique_ptr<Trace>> TraceRegistry::remove(const std::string& name) {
  auto found = traces.find(name);
  if (!found) return Error{found.error()};
  Trace& trace = **found;
  bool hadEnded = trace.state == TraceState::expired;
  forget(trace);
  rules.apply();
  kernel.drain();

  trace.ledger = ledger(trace);
  trace.twice = 0;
  past.add(trace.ledger);
  auto out = traces.take(trace.id);
  if (!hadEnded) sinks.traceEnded(*out);
  return out;
}

void TraceRegistry::tick(uint64_t now) {
  std::vector<const Trace*> expired;
  for (const auto& [id, trace] : traces.all()) {
    uint64_t duration = trace->spec().duration;
    if (trace->state == TraceState::expired || !duration || now - trace->started < duration)
      continue;
    forget(*trace);
    trace->ended = now;
    expired.push_back(trace.get());
  }
  bool moved = now - cgroupsSeen >= nsPerSecond && followCgroups();
  if (now - cgroupsSeen >= nsPerSecond) cgroupsSeen = now;
  bool retries = rules.retry(now);
  if (!expired.empty() || moved || retries) rules.apply();
  if (!expired.empty()) kernel.drain();
  for (const Trace* trace : expired) sinks.traceEnded(*trace);
}

void TraceRegistry::tellDue(uint64_t ticked, const DueBy& by) const {
  for (const auto& [id, trace] : traces.all()) {
    if (trace->state == TraceState::expired) continue;
    uint64_t duration = trace->spec().duration;
    // Whoever waits for it does so by a clock that stands while the machine is suspended.
    if (duration) by(std::min(trace->started + duration, ticked + nsPerSecond));
    if (!trace->spec().cgroup.empty()) by(cgroupsSeen + nsPerSecond);
  }
}

void TraceRegistry::end() {
  hasEnded = true;
  for (const auto& [id, trace] : traces.all()) forget(*trace);
  rules.apply();
  kernel.drain();
}

// ---- what is there ----

Result<const Trace*> TraceRegistry::find(const std::string& name) const {
  auto found = traces.find(name);
  if (!found) return Error{found.error()};
  return *found;
}

Ledger TraceRegistry::ledger(const Trace& trace) const {
  Ledger sum = sinks.emptyLedger();
  sum.add(trace.ledger);
  if (!traces.contains(trace.id)) return sum;  // removed: all its counts are in there
  rules.addCounts(trace, sum);
  sum.matched -= trace.twice;
  return sum;
}

Ledger TraceRegistry::pastLedger() const {
  Ledger sum = sinks.emptyLedger();
  sum.add(past);
  return sum;
}

std::vector<const KnownContainer*> TraceRegistry::matched(const Trace& trace) const {
  std::vector<const KnownContainer*> out;
  for (const auto& [handle, known] : nodes.containers()) {
    const TraceSet& wanted = planner.tracesOf(handle);
    if (std::binary_search(wanted.begin(), wanted.end(), trace.id) &&
        trace.compiled.owns(known.info))
      out.push_back(&known);
  }
  return out;
}

std::vector<const Trace*> TraceRegistry::tracesOf(const KnownContainer& container) const {
  std::vector<const Trace*> out;
  for (TraceId id : planner.tracesOf(container.handle)) {
    const Trace& trace = traces.at(id);
    if (trace.compiled.owns(container.info)) out.push_back(&trace);
  }
  return out;
}

}  // namespace swoll
