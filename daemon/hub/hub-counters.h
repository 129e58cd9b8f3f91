// SPDX-License-Identifier: Apache-2.0
// Counts of the whole daemon: what no trace's ledger has. A value.
#pragma once

#include <cstdint>

namespace swoll {

struct HubCounters {
  uint64_t records = 0;
  uint64_t malformed = 0;         // records that did not parse
  uint64_t unrouted = 0;          // whose route nobody has: their traces were removed
  uint64_t newcomersFull = 0;     // records of containers not named yet, with no room to wait
  uint64_t newcomersUnnamed = 0;  // cgroups that got no answer in time, and their later records
};

}  // namespace swoll
