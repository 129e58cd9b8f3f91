// SPDX-License-Identifier: Apache-2.0
// What became of each event that a trace's rules matched; see Ledger in schema/swoll.capnp. A
// value.
#pragma once

#include <cstdint>
#include <vector>

#include "bpf/abi.h"
#include "trace/loss-cause.h"

namespace swoll {

// Where one event of one trace ended, if not with a sink that had no room: that has a LossCause.
enum class Outcome { delivered, filtered, sampled, rateLimited, undecodable };

struct Ledger {
  // The kernel's part.
  uint64_t matched = 0, ringFull = 0, stateMissing = 0, emitted = 0;
  // Both parts.
  uint64_t filtered = 0, sampled = 0;
  // User space's part.
  uint64_t delivered = 0, rateLimited = 0, undecodable = 0;
  std::vector<SinkLoss> sinkLosses;  // each cause once

  void add(const swoll_route_counts& counts) {
    matched += counts.matched;
    emitted += counts.emitted;
    filtered += counts.filtered;
    sampled += counts.sampled;
    ringFull += counts.ring_full;
    stateMissing += counts.state_missing + counts.abandoned;
  }

  void add(Outcome outcome) {
    static constexpr uint64_t Ledger::*members[] = {&Ledger::delivered, &Ledger::filtered,
                                                    &Ledger::sampled, &Ledger::rateLimited,
                                                    &Ledger::undecodable};
    this->*members[size_t(outcome)] += 1;
  }

  void add(const SinkLoss& loss) {
    for (SinkLoss& known : sinkLosses)
      if (known.cause == loss.cause) return void(known.count += loss.count);
    sinkLosses.push_back(loss);
  }

  void add(const Ledger& other) {
    for (auto member : {&Ledger::matched, &Ledger::ringFull, &Ledger::stateMissing,
                        &Ledger::emitted, &Ledger::filtered, &Ledger::sampled, &Ledger::delivered,
                        &Ledger::rateLimited, &Ledger::undecodable})
      this->*member += other.*member;
    for (const SinkLoss& loss : other.sinkLosses) add(loss);
  }

  uint64_t lostTo(const LossCause& cause) const {
    for (const SinkLoss& known : sinkLosses)
      if (known.cause == &cause) return known.count;
    return 0;
  }

  uint64_t accounted() const {
    uint64_t sum =
        delivered + filtered + sampled + rateLimited + ringFull + undecodable + stateMissing;
    for (const SinkLoss& loss : sinkLosses) sum += loss.count;
    return sum;
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
