// SPDX-License-Identifier: Apache-2.0
// "3: 2 delivered 1 filtered": of so many matched, and whether the sum closes.
#pragma once

#include <string>

#include "trace/ledger.h"

namespace swoll {

inline std::string inWords(const Ledger& ledger) {
  static const struct {
    const char* name;
    uint64_t Ledger::*member;
  } rows[] = {{"delivered", &Ledger::delivered},      {"filtered", &Ledger::filtered},
              {"sampled", &Ledger::sampled},          {"rateLimited", &Ledger::rateLimited},
              {"ringFull", &Ledger::ringFull},        {"undecodable", &Ledger::undecodable},
              {"stateMissing", &Ledger::stateMissing}};
  std::string out = std::to_string(ledger.matched) + ":";
  uint64_t sum = 0;
  for (const auto& row : rows)
    if (uint64_t n = ledger.*row.member) out += " " + std::to_string(n) + " " + row.name, sum += n;
  for (const SinkLoss& loss : ledger.sinkLosses)
    if (loss.count)
      out += " " + std::to_string(loss.count) + " " + lossKey(*loss.cause), sum += loss.count;
  if (ledger.inFlight()) out += " " + std::to_string(ledger.inFlight()) + " in flight";
  if (sum + ledger.inFlight() != ledger.matched) out += " !sum " + std::to_string(sum);
  return out;
}

}  // namespace swoll
