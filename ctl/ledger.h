// SPDX-License-Identifier: Apache-2.0
// The loss ledger of a trace, cause by cause.
#pragma once

#include <string>

#include "swoll.capnp.h"

namespace swoll::ctl {

struct LedgerRow {
  const char* name;
  uint64_t (schema::Ledger::Reader::*count)() const;
  bool lost;  // an event that should have arrived and did not
};

// In the ledger's order, so that the rows after the first add up to it.
inline constexpr LedgerRow ledgerRows[] = {
    {"matched", &schema::Ledger::Reader::getMatched, false},
    {"delivered", &schema::Ledger::Reader::getDelivered, false},
    {"filtered", &schema::Ledger::Reader::getFiltered, false},
    {"sampled", &schema::Ledger::Reader::getSampled, false},
    {"rate-limited", &schema::Ledger::Reader::getRateLimited, true},
    {"ring-full", &schema::Ledger::Reader::getRingFull, true},
    {"client-behind", &schema::Ledger::Reader::getClientBehind, true},
    {"journal-skipped", &schema::Ledger::Reader::getJournalSkipped, true},
    {"undecodable", &schema::Ledger::Reader::getUndecodable, true},
    {"state-missing", &schema::Ledger::Reader::getStateMissing, true},
};

uint64_t lostEvents(schema::Ledger::Reader ledger);

// "12 ring-full, 3 client-behind": the causes that lost any.
std::string lossText(schema::Ledger::Reader ledger);

}  // namespace swoll::ctl
