// SPDX-License-Identifier: Apache-2.0
// So many events a second, by the time that the events themselves carry, so that it does not matter
// how late they are read. A value: a token bucket that holds one second's worth.
#pragma once

#include <algorithm>
#include <cstdint>

namespace swoll {

class RateLimit {
 public:
  explicit RateLimit(uint32_t perSecond = 0) : perSecond(perSecond), filled(full()) {}

  // Whether an event that ended at `time` (ns) is within the limit; counts it if so.
  bool take(uint64_t time) {
    if (!perSecond) return true;
    // CPUs hand over their events not quite in order: time never goes back here.
    if (time > last) {
      uint64_t passed = last ? std::min(time - last, second) : 0;
      filled = std::min(full(), filled + passed * perSecond);
      last = time;
    }
    if (filled < second) return false;
    filled -= second;
    return true;
  }

 private:
  static constexpr uint64_t second = 1'000'000'000;
  uint64_t full() const { return perSecond * second; }

  uint64_t perSecond;
  uint64_t filled;  // in events times a second's nanoseconds
  uint64_t last = 0;
};

}  // namespace swoll
