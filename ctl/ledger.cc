// SPDX-License-Identifier: Apache-2.0
#include "ctl/ledger.h"

#include <vector>

#include "base/text.h"

namespace swoll::ctl {

uint64_t lostEvents(schema::Ledger::Reader ledger) {
  uint64_t lost = 0;
  for (const auto& row : ledgerRows) {
    if (row.lost) lost += (ledger.*row.count)();
  }
  return lost;
}

std::string lossText(schema::Ledger::Reader ledger) {
  std::vector<std::string> causes;
  for (const auto& row : ledgerRows) {
    uint64_t count = (ledger.*row.count)();
    if (row.lost && count > 0) causes.push_back(std::to_string(count) + ' ' + row.name);
  }
  return join(causes, ", ");
}

}  // namespace swoll::ctl
