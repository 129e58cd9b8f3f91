// SPDX-License-Identifier: Apache-2.0
// Small helpers for text that people write and read. Pure functions; none depends on the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swoll {

// The candidate that `word` was most likely meant to be, for "did you mean". Counts inserted,
// deleted, changed and swapped letters (any case); empty when all are too far away.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

template <typename Strings>
std::string join(const Strings& strings, std::string_view separator) {
  std::string joined;
  for (const auto& string : strings) {
    if (&string != &*std::begin(strings)) joined += separator;
    joined += string;
  }
  return joined;
}

// The parts of "a, b,c" without blanks around them; empty parts are left out.
std::vector<std::string> split(std::string_view list, char separator);

// fnmatch(3) without flags: `*` crosses slashes and leading dots too.
bool globMatch(const std::string& pattern, const std::string& text);

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

bool isUtf8(std::string_view bytes);

// One line of printable text, whatever the bytes are. Printable UTF-8 is kept; every other byte
// (control characters, what could steer a terminal or reorder a line, malformed UTF-8) becomes a C
// escape, so nothing that a traced process writes reaches a terminal as more than text.
std::string printable(std::string_view bytes);

// As printable(), with `"` and `\` escaped too: what may stand between quotes.
std::string escapeBytes(std::string_view bytes);

// Valid UTF-8 from any bytes, such that they can be got back: each byte that is not UTF-8 becomes
// "\xNN" and each backslash two. For JSON, whose strings can't hold other bytes.
std::string escapeNonUtf8(std::string_view bytes);

}  // namespace swoll
