// SPDX-License-Identifier: Apache-2.0
// The pauses before something that failed is tried again. A value.
#pragma once

#include <algorithm>
#include <cstdint>
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

// When something that fails is to be tried again; `now` and pauses in ns.
class Retry {
 public:
  Retry(uint64_t first, uint64_t most) : pause(first, most) {}

  // Whether it is time to, asked again and again. At once when it has just begun to fail.
  bool isDue(bool fails, uint64_t now) {
    if (!fails) {
      pause.reset();
      at = now;
    }
    if (!fails || now < at) return false;
    at = now + pause.next();
    return true;
  }
  uint64_t next() const { return at; }  // while it fails

 private:
  Backoff<uint64_t> pause;
  uint64_t at = 0;
};

}  // namespace swoll
