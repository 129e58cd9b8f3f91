// SPDX-License-Identifier: Apache-2.0
#include "base/time-text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace swoll {
namespace {

struct Unit {
  const char* name;
  uint64_t ns;
};
// Longest first, as formatDuration() looks for the first that fits.
constexpr Unit units[] = {{"d", 86'400'000'000'000},
                          {"h", 3'600'000'000'000},
                          {"m", 60'000'000'000},
                          {"s", 1'000'000'000},
                          {"ms", 1'000'000},
                          {"us", 1'000},
                          {"ns", 1}};
constexpr size_t secondsUnit = 3;

}  // namespace

std::optional<uint64_t> parseDuration(std::string_view text) {
  constexpr double limit = 9.2e18;  // of a signed 64-bit count
  double total = 0;
  if (text.empty()) return {};
  while (!text.empty()) {
    double number = 0;
    if (text[0] < '0' || text[0] > '9') return {};
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return {};
    text.remove_prefix(size_t(end - text.data()));
    std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    auto unit = std::find_if(std::begin(units), std::end(units),
                             [&](const Unit& unit) { return name == unit.name; });
    if (unit == std::end(units)) return {};
    text.remove_prefix(name.size());
    total += number * double(unit->ns);
    if (total >= limit) return {};
  }
  return uint64_t(total + 0.5);
}

std::string formatNumber(const char* format, uint64_t number) {
  char text[32];
  snprintf(text, sizeof text, format, static_cast<unsigned long long>(number));
  return text;
}

std::string formatDuration(uint64_t ns) {
  size_t i = 0;
  while (i + 1 < std::size(units) && ns < units[i].ns) ++i;
  uint64_t whole = ns / units[i].ns, rest = ns % units[i].ns;
  std::string text = std::to_string(whole) + units[i].name;
  if (i < secondsUnit) {
    uint64_t next = rest / units[i + 1].ns;
    if (next > 0) text += std::to_string(next) + units[i + 1].name;
  } else if (uint64_t tenths = rest * 10 / units[i].ns; tenths > 0) {
    text = std::to_string(whole) + '.' + std::to_string(tenths) + units[i].name;
  }
  return text;
}

SplitTime splitTime(int64_t ns) {
  constexpr int64_t second = 1'000'000'000;
  int64_t rest = ns % second;
  return {ns / second - (rest < 0), int32_t(rest < 0 ? rest + second : rest)};
}

std::string formatClock(int64_t ns) {
  auto [whole, fraction] = splitTime(ns);
  time_t seconds = whole;
  tm local{};
  localtime_r(&seconds, &local);
  char text[48];
  snprintf(text, sizeof text, "%02d:%02d:%02d.%06d", local.tm_hour, local.tm_min, local.tm_sec,
           fraction / 1000);
  return text;
}

}  // namespace swoll
