// SPDX-License-Identifier: Apache-2.0
// The hub's hot path: from a record to the sinks, and what became of it to each trace's ledger.
#include <algorithm>
#include <cstring>

#include "core/delivery.h"
#include "core/hub.h"

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
  wanting.clear();
  if (!gather(*record)) counts.unrouted++;
  if (!wanting.empty()) deliver(*record);
}

// The traces that want the record, to `wanting`. False when none of its routes is known.
bool Hub::gather(const Record& record) {
  bool known = false;
  for (RouteId id : {record.head->route, record.head->route2}) {
    const RouteKey* key = id ? rules->route(id) : nullptr;
    if (!key) continue;
    known = true;
    gather(*key, record);
  }
  return known;
}

void Hub::gather(const RouteKey& key, const Record& record) {
  for (TraceId traceId : key.traces) {
    bool formerly = false;
    Trace* living = this->living(traceId, &formerly);
    if (!living) continue;  // removed; its last calls were still under way
    Trace& trace = *living;
    if (!userFilters(trace, key, record, formerly)) continue;
    if (std::find(wanting.begin(), wanting.end(), &trace) != wanting.end())
      trace.twice++;
    else
      wanting.push_back(&trace);
  }
}

// `formerly`: the call entered under the rules of the trace that this one replaced.
bool Hub::userFilters(Trace& trace, const RouteKey& route, const Record& record, bool formerly) {
  const CompiledTrace& wanted = trace.compiled;
  auto end = [&](Outcome outcome) {
    trace.ledger.add(outcome);
    return false;
  };
  if (formerly && !stillWants(trace, record)) return end(Outcome::filtered);
  if (!route.test.exact || formerly) {
    if (!wanted.filter.passes(*record.head)) return end(Outcome::filtered);
    if (!wanted.args.empty() && !wanted.args.passes(decode(record, clockBase)))
      return end(Outcome::filtered);
    uint32_t rate = wanted.filter.sampleRate();
    if (!route.test.exact && rate > 1 && trace.sampleTurn++ % rate != 0)
      return end(Outcome::sampled);
  }
  if (!trace.rate.take(record.head->finish)) return end(Outcome::rateLimited);
  return true;
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
  wanting.clear();
  gather(record);
  for (Trace* trace : wanting) trace->ledger.add(Outcome::undecodable);
}

}  // namespace swoll
