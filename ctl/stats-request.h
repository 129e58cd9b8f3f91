// SPDX-License-Identifier: Apache-2.0
// The daemon's counts of calls, as the verbs that show them ask for them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "ctl/call-row.h"
#include "swoll.capnp.h"

namespace swoll::ctl {

// Which calls are asked for. A value that CLI11 parses into: it must stay where it is until the
// command line was parsed.
struct StatsFilter {
  std::string nameSpace, pod, container, syscalls;

  void define(CLI::App& command);
  void fill(schema::StatsFilter::Builder wire) const;
};

// What the daemon had counted at a moment. A value.
struct Counts {
  uint64_t clock = 0;  // ns since boot, by the daemon's clock
  std::vector<CallRow> rows;
  uint64_t callsWithoutCell = 0, callsUncounted = 0;  // see Stats
  uint32_t cells = 0, cellsUsed = 0;
};
Counts fromWire(schema::Stats::Reader wire);

// "ERROR calls are in no row: ..." for a person to act upon; empty while every call is in its row.
std::string missingText(const Counts& counts);

// The dimension or order of that name. Throws UsageError with the nearest there is.
const Dimension& dimensionOf(const std::string& option, const std::string& name);
const Order& orderOf(const std::string& option, const std::string& name, bool rates);
// "container, call, ...", for help.
std::string dimensionNames();
std::string orderNames(bool rates);

}  // namespace swoll::ctl
