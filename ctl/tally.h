// SPDX-License-Identifier: Apache-2.0
// How many calls, how many of them failed, how long they took: a sum that rows of counts carry.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "counts/call-stats.h"

namespace swoll::ctl {

// A value.
struct Tally {
  uint64_t calls = 0;
  uint64_t errors = 0;                            // of these, those that ended with an errno
  uint64_t time = 0;                              // ns, of all together
  std::array<uint64_t, SWOLL_BUCKETS> buckets{};  // calls by their time, see bucketEnd()

  Tally& operator+=(const Tally& other);
  // What came on top of `before`; all of it, if any part is less than before: then it was counted
  // anew.
  Tally since(const Tally& before) const;
  uint64_t mean() const { return calls ? time / calls : 0; }
};

// All that is known of a time: not less than `from`, less than `below`.
struct Bounds {
  uint64_t from = 0, below = 0;  // ns; below is UINT64_MAX where there is no end
  bool operator==(const Bounds&) const = default;
};

// Of the calls sorted by time, the one that `percent` of them do not exceed: the bucket that it
// lies in. Nothing is interpolated. {0, 0} without calls.
Bounds percentile(const Tally& tally, unsigned percent);

// "<4.1us": a call's time is less, and, but for the first bucket, at least half of it. Rounded away
// from the call, so that it is true as it is written. ">8.5s" for the last bucket, "" without
// calls.
std::string boundText(Bounds bounds);

// "950", "12.3k", "4.5M": cut, at most 5 characters below 10^15.
std::string briefNumber(double number);

}  // namespace swoll::ctl
