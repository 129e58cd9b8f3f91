// SPDX-License-Identifier: Apache-2.0
#include "observer/pending-names.h"

#include <utility>

namespace swoll {
namespace {

// How long the CRI may take to name what it starts, and to name what was there before.
constexpr std::chrono::seconds kNameWithin{3}, kNameAllWithin{5};

}  // namespace

bool PendingNames::holdBack(ProcScan& found, const std::set<std::string>& named, bool isComplete) {
  const auto limit = isComplete ? kNameWithin : kNameAllWithin;
  const auto now = std::chrono::steady_clock::now();
  std::map<std::string, std::chrono::steady_clock::time_point> since;
  const size_t held = std::erase_if(found.containers, [&](const Container& c) {
    if (!found.kubernetes.contains(c.id) || named.contains(c.id)) return false;
    const auto seen = since_.find(c.id);
    const auto first = seen == since_.end() ? now : seen->second;
    since.emplace(c.id, first);
    return now < first + limit;
  });
  since_ = std::move(since);
  return held > 0;
}

}  // namespace swoll
