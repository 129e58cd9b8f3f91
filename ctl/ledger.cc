// SPDX-License-Identifier: Apache-2.0
#include "ctl/ledger.h"

#include "base/escape.h"
#include "base/text.h"

namespace swoll::ctl {

namespace {

struct LedgerRow {
  const char* name;
  uint64_t (schema::Ledger::Reader::*count)() const;
  bool lost;
};

const LedgerRow ledgerRows[] = {
    {"matched", &schema::Ledger::Reader::getMatched, false},
    {"delivered", &schema::Ledger::Reader::getDelivered, false},
    {"filtered", &schema::Ledger::Reader::getFiltered, false},
    {"sampled", &schema::Ledger::Reader::getSampled, false},
    {"rate-limited", &schema::Ledger::Reader::getRateLimited, true},
    {"ring-full", &schema::Ledger::Reader::getRingFull, true},
    {},  // here come those of sinks
    {"undecodable", &schema::Ledger::Reader::getUndecodable, true},
    {"state-missing", &schema::Ledger::Reader::getStateMissing, true},
};

void addSinks(std::vector<LedgerLine>& lines, schema::Ledger::Reader ledger) {
  for (auto loss : ledger.getSinkLosses()) {
    std::string key = camelCase(loss.getSink().cStr(), loss.getCause().cStr());
    lines.push_back({separated(key, '-'), loss.getCount(), true});
  }
}

}  // namespace

std::vector<LedgerLine> ledgerLines(schema::Ledger::Reader ledger) {
  std::vector<LedgerLine> lines;
  for (const LedgerRow& row : ledgerRows)
    if (row.name)
      lines.push_back({row.name, (ledger.*row.count)(), row.lost});
    else
      addSinks(lines, ledger);
  return lines;
}

uint64_t lostEvents(schema::Ledger::Reader ledger) {
  uint64_t lost = 0;
  for (const LedgerLine& line : ledgerLines(ledger))
    if (line.lost) lost += line.count;
  return lost;
}

std::string lossText(schema::Ledger::Reader ledger) {
  std::vector<std::string> causes;
  for (const LedgerLine& line : ledgerLines(ledger))
    if (line.lost && line.count > 0)
      causes.push_back(std::to_string(line.count) + ' ' + printable(line.name));
  return join(causes, ", ");
}

}  // namespace swoll::ctl
