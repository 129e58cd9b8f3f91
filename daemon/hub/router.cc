// SPDX-License-Identifier: Apache-2.0
#include "hub/router.h"

#include <algorithm>
#include <array>

#include "hub/delivery.h"

namespace swoll {

Router::Router(const TraceTable& traces, const RuleInstaller& rules, const Planner& planner,
               const Topology& nodes, const SinkList& sinks, const Clock& clock,
               HubCounters& counts)
    : traces(traces),
      rules(rules),
      planner(planner),
      nodes(nodes),
      sinks(sinks),
      clock(clock),
      counts(counts) {
  readClocks();
}

void Router::route(const Record& record) {
  if (!gather(record)) counts.unrouted++;
  if (!wanting.empty()) deliver(record);
}

void Router::routeLate(const Record& record, const RouteKey* second, const TraceSet* wanted) {
  asked.clear();
  if (second) bring(*second, record);
  if (wanted) bringWanted(*wanted, record);
  ask(record);
  if (!wanting.empty()) deliver(record);
}

void Router::noteUndecodable(const Record& record) {
  gather(record);
  for (Trace* trace : wanting) trace->ledger.add(Outcome::undecodable);
}

// What interrupts the reading would shift the times of all events.
void Router::readClocks() {
  constexpr uint64_t together = 2000;  // ns
  for (int attempt = 0; attempt < 5; attempt++) {
    uint64_t monotonic = clock.monotonic();
    clockBase = {.real = clock.realTime() - int64_t(monotonic),
                 .boot = int64_t(clock.sinceBoot() - monotonic)};
    clocksRead = monotonic;
    if (clock.monotonic() - monotonic < together) return;
  }
}

// The traces that want the record, to `wanting`. False when none of its routes is known.
bool Router::gather(const Record& record) {
  bool known = false;
  asked.clear();
  for (RouteId id : {record.head->route, record.head->route2}) {
    const RouteKey* key = id ? rules.route(id) : nullptr;
    if (!key) continue;
    known = true;
    bring(*key, record);
  }
  ask(record);
  return known;
}

void Router::bring(const RouteKey& key, const Record& record) {
  for (TraceId id : key.traces) {
    Trace* trace = traces.living(id);
    if (!trace) continue;  // removed; its last calls were still under way
    if (!bring(id, *trace, key.test.exact, record)) trace->twice++;
  }
}

// The kernel counted nothing of the newcomers' route to any trace, so all of it is counted here.
void Router::bringWanted(const TraceSet& wanted, const Record& record) {
  for (TraceId id : wanted) {
    Trace* trace = traces.living(id);
    // As on a route of its own: what entered before the trace was there is not for it.
    if (!trace || !trace->compiled.types.test(record.head->type) ||
        record.head->start < trace->since)
      continue;
    if (bring(id, *trace, false, record)) trace->ledger.matched++;
  }
}

// To `asked`, by a route whose filter in the kernel is `isExact`. False: another has brought it.
bool Router::bring(TraceId id, Trace& trace, bool isExact, const Record& record) {
  bool isHeir = id != trace.id;  // the call entered under the rules of a trace that it replaced
  auto at = std::find_if(asked.begin(), asked.end(),
                         [&](const Asked& other) { return other.trace == &trace; });
  bool isFirst = at == asked.end();
  if (isFirst) at = asked.insert(at, Asked{.trace = &trace});
  at->isWanted |= !isHeir || stillWants(trace, traces.replaced(id), record);
  at->isTested |= isExact && !isHeir;
  at->isSampled |= isExact;
  return isFirst;
}

// Whether the trace would have caught under its present spec what the old one's rules have caught:
// what the new spec wants is delivered, what only the old one wanted is `filtered`. So is what
// can't be told apart, for nobody shall get calls that are none of their trace's. The record has
// the container or unit that was charged, and numbers of namespaces, but not the cgroup: that it
// was in the old one's is all that is known of it.
bool Router::stillWants(const Trace& trace, const CompiledTrace& old, const Record& record) const {
  const CompiledTrace& now = trace.compiled;
  ContainerHandle charged = record.head->container;
  const KnownContainer* known = nodes.find(charged);
  if (!now.types.test(record.head->type) || !now.appliesTo(nodes.node())) return false;
  if (known && known->hidden) return false;
  if (now.hasScopeOf(old)) return true;
  if (known && now.wantsContainer(known->info, nodes.node())) return true;
  uint32_t space = record.head->ns[SWOLL_NS_pid];
  if (uint32_t wanted = now.wantsPidNamespace()) return space == wanted;
  if (now.wantsHost())  // as find_scope() has it (bpf/lib/scope.h)
    return !known && (isUnit(charged) || (!charged && planner.isHostSpace(space)));
  // What the old one has caught of a container may have been anywhere, as far as is known here.
  bool isOfContainer = known ? old.wantsContainer(known->info, nodes.node()) : charged != 0;
  return now.cgroup.id && !isOfContainer &&
         isWithin(old.cgroup.id ? old.cgroup.path : "/", now.cgroup.path);
}

void Router::ask(const Record& record) {
  wanting.clear();
  for (const Asked& one : asked)
    if (auto refused = refusal(one, record))
      one.trace->ledger.add(*refused);
    else
      wanting.push_back(one.trace);
}

std::optional<Outcome> Router::refusal(const Asked& one, const Record& record) {
  Trace& trace = *one.trace;
  const CompiledTrace& wanted = trace.compiled;
  if (!one.isWanted) return Outcome::filtered;
  if (!one.isTested) {
    if (!wanted.filter.passes(*record.head)) return Outcome::filtered;
    if (!wanted.args.empty() && !wanted.args.passes(decodeRecord(record, clockBase)))
      return Outcome::filtered;
  }
  uint32_t rate = wanted.filter.sampleRate();
  if (!one.isSampled && rate > 1 && trace.sampleTurn++ % rate != 0) return Outcome::sampled;
  if (!trace.rate.take(record.head->finish)) return Outcome::rateLimited;
  return {};
}

void Router::deliver(const Record& record) {
  RecordDelivery delivery(record, wanting, nodes, clockBase);
  std::array<const LossCause*, 8> few;
  std::vector<const LossCause*> many;
  std::span<const LossCause*> lost(few.data(), std::min(few.size(), wanting.size()));
  if (wanting.size() > few.size()) {
    many.resize(wanting.size());
    lost = many;
  }
  std::fill(lost.begin(), lost.end(), nullptr);

  for (Sink* sink : sinks.all()) {
    bool follows = std::any_of(wanting.begin(), wanting.end(),
                               [&](Trace* trace) { return sink->follows(*trace); });
    if (!follows) continue;
    const LossCause* cause = sink->accept(delivery);
    if (!cause) continue;
    for (size_t i = 0; i < wanting.size(); i++)
      if (sink->follows(*wanting[i])) lost[i] = cause;
  }
  for (size_t i = 0; i < wanting.size(); i++)
    if (lost[i])
      wanting[i]->ledger.add(SinkLoss{lost[i], 1});
    else
      wanting[i]->ledger.delivered++;
}

}  // namespace swoll
