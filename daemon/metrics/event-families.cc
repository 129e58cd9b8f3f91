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
    {&Ledger::clientBehind, "client_behind", "Events lost as no client kept up with the stream."},
    {&Ledger::journalSkipped, "journal_skipped",
     "Events lost as the journal refused or its limit was reached."},
    {&Ledger::undecodable, "undecodable", "Events lost as their record was malformed."},
};

}  // namespace

MetricFamilies eventFamilies(const std::vector<TraceLedger>& ledgers) {
  MetricFamilies out;
  for (const auto& row : rows) {
    std::vector<Sample> samples;
    for (const TraceLedger& each : ledgers)
      samples.push_back({{{"trace", each.trace}}, double(each.ledger.*row.member)});
    out.push_back(
        counterFamily(std::string("swoll_events_") + row.name + "_total", row.help, samples));
  }
  return out;
}

}  // namespace swoll
