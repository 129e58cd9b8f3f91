// SPDX-License-Identifier: Apache-2.0
// The loss ledger of a trace, cause by cause.
#pragma once

#include <string>
#include <vector>

#include "swoll.capnp.h"

namespace swoll::ctl {

struct LedgerLine {
  std::string name;
  uint64_t count;
  bool lost;  // an event that should have arrived and did not
};

// In the ledger's order, so that the lines after the first add up to it.
std::vector<LedgerLine> ledgerLines(schema::Ledger::Reader ledger);

uint64_t lostEvents(schema::Ledger::Reader ledger);

// "12 ring-full, 3 client-behind": the causes that lost any.
std::string lossText(schema::Ledger::Reader ledger);

}  // namespace swoll::ctl
