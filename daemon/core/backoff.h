// SPDX-License-Identifier: Apache-2.0
// The pauses before something that failed is tried again. A value.
#pragma once

#include <algorithm>
#include <utility>

namespace swoll {

// Each is twice as long as the one before it, up to `most`.
template <typename Duration>
class Backoff {
 public:
  Backoff(Duration first, Duration most) : first(first), most(most), pause(first) {}

  Duration next() { return std::exchange(pause, std::min<Duration>(pause * 2, most)); }
  void reset() { pause = first; }

 private:
  Duration first, most, pause;
};

}  // namespace swoll
