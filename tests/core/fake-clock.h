// SPDX-License-Identifier: Apache-2.0
// A clock that stands until a test moves it.
#pragma once

#include <cstdint>

#include "hub/clock.h"

namespace swoll {

struct FakeClock final : Clock {
  static constexpr uint64_t second = 1'000'000'000;

  uint64_t boot = 100 * second;
  int64_t set = 0;  // by somebody, against the time that it was
  uint64_t sinceBoot() const override { return boot; }
  uint64_t monotonic() const override { return boot; }
  int64_t realTime() const override { return set + int64_t(1'700'000'000 * second + boot); }
};

}  // namespace swoll
