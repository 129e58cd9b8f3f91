// SPDX-License-Identifier: Apache-2.0
// The numbers behind /metrics/charts as compact JSON: names once, rows by their indexes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "counts/call-stats.h"

namespace swoll {

// What the page is told besides the rows. A value.
struct ChartsMoment {
  uint64_t started = 0;  // of the daemon, ns since boot: another number means counts anew
  uint64_t now = 0;      // ns since boot
  bool isCounting = false;
  uint64_t uncounted = 0;  // calls that found no cell
};

// {"started","now","counting","uncounted",
//  "bucketEnds":[512,...,null],                              ns; null: there is no end
//  "containers":[{"handle","id","namespace","pod","name"}],
//  "calls":[{"name","class","group"}], "results":["OK",...],
//  "rows":[[container, call, result, ns, first bucket, calls in it, calls in the next, ...]]}
// Whole numbers, as strings where a double does not hold them. Names are escaped where they are not
// UTF-8.
std::string chartsData(const ChartsMoment& moment, const std::vector<CallStat>& stats);

}  // namespace swoll
