// SPDX-License-Identifier: Apache-2.0
// Times, durations and numbers as people write and read them. Pure functions; none depends on the
// locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swoll {

// "1ms", "1.5s", "1m30s" as nanoseconds. The unit is never left out: a plain number is no duration.
std::optional<uint64_t> parseDuration(std::string_view text);

// One number, as printf(3) writes it: the format holds one "%ll..." of an unsigned one.
std::string formatNumber(const char* format, uint64_t number);

// "850ns", "12.3us", "3.4s", "5m12s", "2h5m", "3d4h". Cuts and does not round, so that a duration
// never shows as one unit too long.
std::string formatDuration(uint64_t ns);

// A time in ns since 1970 as whole seconds and the rest, which is never negative.
struct SplitTime {
  int64_t seconds;
  int32_t nanoseconds;
};
SplitTime splitTime(int64_t ns);

// The time of day on this host's clock, "12:34:56.789012".
std::string formatClock(int64_t ns);

}  // namespace swoll
