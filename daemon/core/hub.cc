// SPDX-License-Identifier: Apache-2.0
#include "core/hub.h"

#include <algorithm>

#include "core/delivery.h"
#include "core/text.h"

namespace swoll {

Hub::Hub(KernelFilter& kernel, const Clock& clock) : kernel(kernel), clock(clock) {
  readClocks();
  reinstall();
}

void Hub::reinstall() {
  if (isAttached) setAttached(false);
  rules.emplace(kernel, [this](const RouteKey& key, const auto& final) { settle(key, final); });
  replan();
}

Result<CompiledTrace> Hub::compile(TraceSpec spec) const {
  if (spec.name.empty()) spec.name = makeName();
  if (byName.contains(spec.name)) return Error{"trace '" + spec.name + "' exists already"};
  return CompiledTrace::compile(std::move(spec));
}

Result<const Trace*> Hub::add(TraceSpec spec, uint32_t owner) {
  if (hasEnded) return Error{"swolld is stopping"};
  auto compiled = compile(std::move(spec));
  if (!compiled) return Error{compiled.error()};

  TraceId id = ++lastId;
  auto& trace = *(byId[id] = std::make_unique<Trace>(id, std::move(*compiled), owner));
  byName[trace.name()] = id;
  trace.created = clock.realTime();
  trace.started = clock.sinceBoot();
  replan();
  return &trace;
}

Result<std::vector<std::string>> Hub::tryOut(TraceSpec spec) const {
  auto compiled = compile(std::move(spec));
  if (!compiled) return Error{compiled.error()};
  std::vector<std::string> ids;
  for (const auto& [handle, known] : nodes.containers())
    if (!known.hidden && compiled->wantsContainer(known.info, nodes.node()))
      ids.push_back(known.info.id);
  return ids;
}

Result<std::unique_ptr<Trace>> Hub::remove(const std::string& name) {
  auto found = find(name);
  if (!found) return Error{found.error()};
  Trace& trace = *byId[(*found)->id];
  bool hadEnded = trace.state == TraceState::expired;
  trace.state = TraceState::expired;
  replan();
  kernel.drain();

  trace.ledger = ledger(trace);
  trace.twice = 0;
  past.add(trace.ledger);
  auto out = std::move(byId[trace.id]);
  byId.erase(out->id);
  byName.erase(out->name());
  if (!hadEnded) tellSinks(*out);
  return out;
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
    if (std::binary_search(key.traces.begin(), key.traces.end(), trace.id))
      sum.add(kernel.counts(id));
  });
  sum.matched -= trace.twice;
  return sum;
}

std::vector<const KnownContainer*> Hub::matched(const Trace& trace) const {
  std::vector<const KnownContainer*> out;
  if (trace.state == TraceState::expired) return out;
  for (const auto& [handle, known] : nodes.containers())
    if (!known.hidden && trace.compiled.wantsContainer(known.info, nodes.node()))
      out.push_back(&known);
  return out;
}

std::vector<const Trace*> Hub::tracesOf(const KnownContainer& container) const {
  std::vector<const Trace*> out;
  for (const auto& [id, trace] : byId)
    if (!container.hidden && trace->state != TraceState::expired &&
        trace->compiled.wantsContainer(container.info, nodes.node()))
      out.push_back(trace.get());
  return out;
}

void Hub::end(const std::string& reason) {
  hasEnded = true;
  for (const auto& [id, trace] : byId) trace->state = TraceState::expired;
  replan();
  kernel.drain();
  for (Sink* sink : std::vector(sinks)) sink->end(reason);
}

size_t Hub::followers(const Trace& trace) const {
  return std::count_if(sinks.begin(), sinks.end(), [&](Sink* s) { return s->follows(trace); });
}

void Hub::setContainers(const std::vector<Container>& now) {
  // Records that are in the ring are routed with what was known when they were made.
  kernel.drain();
  if (nodes.update(now)) replan();
}

void Hub::setNodeSelector(NodeSelector selector) {
  if (nodes.select(std::move(selector))) replan();
}

std::string Hub::makeName() const {
  for (TraceId n = lastId + 1;; n++) {
    std::string name = "trace-" + std::to_string(n);
    if (!byName.contains(name)) return name;
  }
}

Traces Hub::running() const {
  Traces out;
  for (const auto& [id, trace] : byId)
    if (trace->state != TraceState::expired) out.emplace(id, &trace->compiled);
  return out;
}

void Hub::replan() {
  Traces traces = running();
  Plan plan = planRules(traces, nodes);
  for (const auto& [scope, wanted] : plan)
    if (wanted.container)
      for (TraceId id : wanted.traces)
        if (isContainer(wanted.container) ||
            (isUnit(wanted.container) && traces.at(id)->wantsUnits()))
          byId[id]->everCount += byId[id]->ever.insert(wanted.container).second;
  for (const auto& [id, trace] : byId)
    std::erase_if(trace->ever, [&](auto handle) { return !nodes.containers().contains(handle); });

  auto problem = rules->apply(plan, traces, std::chrono::steady_clock::now());
  isComplete = !problem;
  for (const auto& [id, trace] : byId) {
    if (trace->state == TraceState::expired) continue;
    trace->state = problem ? TraceState::failed : TraceState::running;
    trace->reason = problem.value_or("");
  }
  setAttached(!rules->empty());
}

void Hub::setAttached(bool on) {
  if (on == isAttached) return;
  auto problem = kernel.attach(on);
  isAttached = on && !problem;
  if (!on) rules->detached();
  if (!problem) return;
  for (const auto& [id, trace] : byId) {
    if (trace->state == TraceState::expired) continue;
    trace->state = TraceState::failed;
    trace->reason = *problem;
  }
}

void Hub::readClocks() {
  auto monotonic = int64_t(clock.monotonic());
  clockBase = {.real = clock.realTime() - monotonic,
               .boot = int64_t(clock.sinceBoot()) - monotonic};
}

void Hub::tick() {
  readClocks();
  uint64_t now = clock.sinceBoot();
  std::vector<const Trace*> expired;
  for (const auto& [id, trace] : byId) {
    uint64_t duration = trace->spec().duration;
    if (trace->state == TraceState::expired || !duration || now - trace->started < duration)
      continue;
    trace->state = TraceState::expired;
    trace->ended = now;
    expired.push_back(trace.get());
  }
  // Rules that found no room or could not be attached are tried again.
  if (!expired.empty() || !isComplete || isAttached == rules->empty()) replan();
  if (!expired.empty()) kernel.drain();
  for (const Trace* trace : expired) tellSinks(*trace);
  rules->recycle(std::chrono::steady_clock::now());
}

void Hub::settle(const RouteKey& key, const swoll_route_counts& final) {
  for (TraceId id : key.traces)
    if (auto found = byId.find(id); found != byId.end()) found->second->ledger.add(final);
}

}  // namespace swoll
