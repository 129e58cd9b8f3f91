// SPDX-License-Identifier: Apache-2.0
// What became of each event that a trace's rules matched; see Ledger in schema/swoll.capnp. A
// value.
#pragma once

#include <cstdint>

#include "bpf/abi.h"

namespace swoll {

// Where one event of one trace ended.
enum class Outcome {
  delivered,
  filtered,
  sampled,
  rateLimited,
  clientBehind,
  journalSkipped,
  undecodable
};

struct Ledger {
  // The kernel's part.
  uint64_t matched = 0, ringFull = 0, stateMissing = 0, emitted = 0;
  // Both parts.
  uint64_t filtered = 0, sampled = 0;
  // User space's part.
  uint64_t delivered = 0, rateLimited = 0, clientBehind = 0, journalSkipped = 0, undecodable = 0;

  void add(const swoll_route_counts& counts) {
    matched += counts.matched;
    emitted += counts.emitted;
    filtered += counts.filtered;
    sampled += counts.sampled;
    ringFull += counts.ring_full;
    stateMissing += counts.state_missing + counts.abandoned;
  }

  void add(Outcome outcome) {
    switch (outcome) {
      case Outcome::delivered:
        delivered++;
        break;
      case Outcome::filtered:
        filtered++;
        break;
      case Outcome::sampled:
        sampled++;
        break;
      case Outcome::rateLimited:
        rateLimited++;
        break;
      case Outcome::clientBehind:
        clientBehind++;
        break;
      case Outcome::journalSkipped:
        journalSkipped++;
        break;
      case Outcome::undecodable:
        undecodable++;
        break;
    }
  }

  void add(const Ledger& other) {
    for (auto member :
         {&Ledger::matched, &Ledger::ringFull, &Ledger::stateMissing, &Ledger::emitted,
          &Ledger::filtered, &Ledger::sampled, &Ledger::delivered, &Ledger::rateLimited,
          &Ledger::clientBehind, &Ledger::journalSkipped, &Ledger::undecodable})
      this->*member += other.*member;
  }

  uint64_t accounted() const {
    return delivered + filtered + sampled + rateLimited + ringFull + clientBehind + journalSkipped +
           undecodable + stateMissing;
  }
  // Entered and not ended, or in the ring.
  uint64_t inFlight() const { return matched > accounted() ? matched - accounted() : 0; }
};

// Calls of a route that have not come to an end in the kernel.
inline uint64_t inFlight(const swoll_route_counts& c) {
  return c.matched - c.emitted - c.filtered - c.sampled - c.ring_full - c.state_missing -
         c.abandoned;
}

}  // namespace swoll
