// SPDX-License-Identifier: Apache-2.0
// The ledgers of traces as metrics.
#include "metrics/families.h"

namespace swoll {
namespace {

const struct {
  uint64_t Ledger::*member;
  const char* name;
  const char* help;
} rows[] = {
    {&Ledger::matched, "seen",
     "Calls that a trace's rules matched; the others say what became of them."},
    {&Ledger::delivered, "delivered", "Events that went to the trace's streams and the journal."},
    {&Ledger::filtered, "filtered", "Calls that the trace's filters left out."},
    {&Ledger::sampled, "sampled", "Calls that the trace's sampling left out."},
    {&Ledger::rateLimited, "rate_limited", "Events beyond the trace's limit per second."},
    {&Ledger::ringFull, "ring_full", "Events lost as the kernel's ring buffer had no room."},
    {&Ledger::stateMissing, "state_missing",
     "Events lost as the kernel had no memory for a call's state, or no call's end was seen."},
    {&Ledger::undecodable, "undecodable", "Events lost as their record was malformed."},
};

std::string familyName(const std::string& outcome) { return "swoll_events_" + outcome + "_total"; }

}  // namespace

MetricFamilies eventFamilies(const std::vector<TraceLedger>& ledgers) {
  MetricFamilies out;
  auto add = [&](const std::string& name, const std::string& help, const auto& count) {
    std::vector<Sample> samples;
    for (const TraceLedger& each : ledgers)
      samples.push_back({{{"trace", each.trace}}, double(count(each.ledger))});
    out.push_back(counterFamily(familyName(name), help, samples));
  };
  for (const auto& row : rows)
    add(row.name, row.help, [&](const Ledger& ledger) { return ledger.*row.member; });
  Ledger all;
  for (const TraceLedger& each : ledgers) all.add(each.ledger);
  for (const SinkLoss& loss : all.sinkLosses)
    add(separated(lossKey(*loss.cause), '_'), std::string("Events lost: ") + loss.cause->help + ".",
        [&](const Ledger& ledger) { return ledger.lostTo(*loss.cause); });
  return out;
}

}  // namespace swoll
