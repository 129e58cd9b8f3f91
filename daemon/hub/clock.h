// SPDX-License-Identifier: Apache-2.0
// What time it is, declared by the hub so that tests say it.
#pragma once

#include <cstdint>

namespace swoll {

constexpr uint64_t nsPerSecond = 1'000'000'000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t sinceBoot() const = 0;  // CLOCK_BOOTTIME, ns
  virtual uint64_t monotonic() const = 0;  // CLOCK_MONOTONIC, ns
  virtual int64_t realTime() const = 0;    // CLOCK_REALTIME, ns
};

}  // namespace swoll
