// SPDX-License-Identifier: Apache-2.0
// Rates out of counts: what came on top between one answer of the daemon and the next.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "ctl/call-row.h"

namespace swoll::ctl {

// A value: a copy stays as it is while the other goes on. Times are the daemon's, so a slow
// connection changes no rate.
class Rates {
 public:
  static constexpr size_t kept = 120;  // intervals

  // Takes the next counts. The first, and those after restart(), are only what the next are
  // compared with. A count that is less than before was counted anew: all of it is new. Counts of
  // the same moment or of an earlier one say nothing of a rate: they are a new beginning.
  void take(uint64_t time, const std::vector<CallRow>& rows);

  // The connection was lost: what was missed belongs to no interval.
  void restart() { time_ = 0; }

  // All that is counted now, each with its last interval and its history.
  std::vector<CallRow> rows() const;
  // ns of the last interval; 0: there is none.
  uint64_t elapsed() const { return elapsed_; }
  size_t intervals() const { return intervals_; }

 private:
  void compare(CallRow& row, const Tally& now) const;

  std::unordered_map<std::string, CallRow> rows_;  // by their labels
  uint64_t time_ = 0;                              // of the last counts; 0: compare with nothing
  uint64_t elapsed_ = 0;
  size_t intervals_ = 0;  // in the longest history
};

}  // namespace swoll::ctl
