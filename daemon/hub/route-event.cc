// SPDX-License-Identifier: Apache-2.0
// The hub's hot path: from a record to the sinks, and what became of it to each trace's ledger.
//
// Two routes may bring one record to one trace: that of the container and that of a pid namespace.
// The trace is asked once all the same, so that its sampler and its limit have one turn for each
// event, and of the two that the kernel has counted as matched one is taken back. What the kernel
// itself has dropped on one of the routes is in that one's counts, and no record tells of it.
#include <algorithm>
#include <cstring>

#include "hub/delivery.h"
#include "hub/hub.h"

namespace swoll {
namespace {

constexpr uint64_t clocksHold = 1'000'000'000;  // ns

}  // namespace

void Hub::accept(const void* data, size_t size) {
  if (auto newcomer = parseNewcomer(data, size)) return announce(*newcomer);
  counts.records++;
  auto record = parseRecord(data, size);
  if (!record) return undecodable(data, size);
  if (record->head->start > clocksRead + clocksHold) readClocks();
  if (record->head->container & SWOLL_NEWCOMER) return acceptNewcomer(*record, data, size);
  if (!gather(*record)) counts.unrouted++;
  if (!wanting.empty()) deliver(*record);
}

// The traces that want the record, to `wanting`. False when none of its routes is known.
bool Hub::gather(const Record& record) {
  bool known = false;
  asked.clear();
  for (RouteId id : {record.head->route, record.head->route2}) {
    const RouteKey* key = id ? rules->route(id) : nullptr;
    if (!key) continue;
    known = true;
    bring(*key, record);
  }
  ask(record);
  return known;
}

void Hub::bring(const RouteKey& key, const Record& record) {
  for (TraceId id : key.traces) {
    Trace* trace = living(id);
    if (!trace) continue;  // removed; its last calls were still under way
    if (!bring(id, *trace, key.test.exact, record)) trace->twice++;
  }
}

// To `asked`, by a route whose filter in the kernel is `isExact`. False: another has brought it.
bool Hub::bring(TraceId id, Trace& trace, bool isExact, const Record& record) {
  bool isHeir = id != trace.id;  // the call entered under the rules of a trace that it replaced
  auto at = std::find_if(asked.begin(), asked.end(),
                         [&](const Asked& other) { return other.trace == &trace; });
  bool isFirst = at == asked.end();
  if (isFirst) at = asked.insert(at, Asked{.trace = &trace});
  at->isWanted |= !isHeir || stillWants(trace, aliases.at(id).old, record);
  at->isTested |= isExact && !isHeir;
  at->isSampled |= isExact;
  return isFirst;
}

void Hub::ask(const Record& record) {
  wanting.clear();
  for (const Asked& one : asked)
    if (auto refused = refusal(one, record))
      one.trace->ledger.add(*refused);
    else
      wanting.push_back(one.trace);
}

std::optional<Outcome> Hub::refusal(const Asked& one, const Record& record) {
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

void Hub::deliver(const Record& record) {
  RecordDelivery delivery(record, wanting, nodes, clockBase);
  std::array<Outcome, 8> few;
  std::vector<Outcome> many;
  std::span<Outcome> outcome(few.data(), std::min(few.size(), wanting.size()));
  if (wanting.size() > few.size()) {
    many.resize(wanting.size());
    outcome = many;
  }
  std::fill(outcome.begin(), outcome.end(), Outcome::delivered);

  for (Sink* sink : sinks) {
    bool follows = std::any_of(wanting.begin(), wanting.end(),
                               [&](Trace* trace) { return sink->follows(*trace); });
    if (!follows) continue;
    Outcome said = sink->accept(delivery);
    if (said == Outcome::delivered) continue;
    for (size_t i = 0; i < wanting.size(); i++)
      if (sink->follows(*wanting[i])) outcome[i] = said;
  }
  for (size_t i = 0; i < wanting.size(); i++) wanting[i]->ledger.add(outcome[i]);
}

void Hub::undecodable(const void* data, size_t size) {
  counts.malformed++;
  if (size < offsetof(swoll_record, args)) return;
  // The header names the routes even where what follows it makes no sense.
  swoll_record head{};
  memcpy(&head, data, std::min(size, sizeof(head)));
  Record record;
  record.head = &head;
  gather(record);
  for (Trace* trace : wanting) trace->ledger.add(Outcome::undecodable);
}

}  // namespace swoll
