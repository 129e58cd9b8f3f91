// SPDX-License-Identifier: Apache-2.0
#include "ctl/tally.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "base/time-text.h"

namespace swoll::ctl {

Tally& Tally::operator+=(const Tally& other) {
  calls += other.calls;
  errors += other.errors;
  time += other.time;
  for (size_t i = 0; i < buckets.size(); i++) buckets[i] += other.buckets[i];
  return *this;
}

Tally Tally::since(const Tally& before) const {
  bool anew = calls < before.calls || errors < before.errors || time < before.time ||
              !std::equal(buckets.begin(), buckets.end(), before.buckets.begin(),
                          std::greater_equal<uint64_t>());
  if (anew) return *this;
  Tally out{calls - before.calls, errors - before.errors, time - before.time, {}};
  for (size_t i = 0; i < buckets.size(); i++) out.buckets[i] = buckets[i] - before.buckets[i];
  return out;
}

Bounds percentile(const Tally& tally, unsigned percent) {
  uint64_t all = 0;
  for (uint64_t calls : tally.buckets) all += calls;
  if (all == 0) return {};
  // ceil(all * percent / 100), which must not overflow.
  uint64_t rank = all / 100 * percent + (all % 100 * percent + 99) / 100;
  uint64_t seen = 0;
  size_t bucket = 0;
  while ((seen += tally.buckets[bucket]) < std::max<uint64_t>(rank, 1)) bucket++;
  return {bucket == 0 ? 0 : bucketEnd(bucket - 1), bucketEnd(bucket)};
}

std::string boundText(Bounds bounds) {
  if (bounds == Bounds{}) return "";
  if (bounds.below == UINT64_MAX) return '>' + formatDuration(bounds.from);
  static constexpr struct {
    uint64_t ns;
    const char* name;
  } units[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
  for (const auto& unit : units) {
    if (bounds.below < unit.ns) continue;
    uint64_t tenths = (bounds.below * 10 + unit.ns - 1) / unit.ns;
    if (tenths >= 1000) return '<' + std::to_string((tenths + 9) / 10) + unit.name;
    return '<' + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + unit.name;
  }
  return '<' + std::to_string(bounds.below) + "ns";
}

std::string briefNumber(double number) {
  static constexpr const char* units[] = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  while (number >= 1000 && unit + 1 < std::size(units)) number /= 1000, unit++;
  char text[32];
  bool whole = number >= 100 || (unit == 0 && number == std::floor(number));
  snprintf(text, sizeof text, "%.*f%s", whole ? 0 : 1,
           whole ? std::floor(number) : std::floor(number * 10) / 10, units[unit]);
  return text;
}

}  // namespace swoll::ctl
