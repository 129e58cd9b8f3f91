// SPDX-License-Identifier: Apache-2.0
#include "ctl/rates.h"

#include <algorithm>

namespace swoll::ctl {
namespace {

std::string keyOf(const Labels& labels) {
  std::string key;
  for (const std::string& label : labels) (key += label) += '\0';
  return key;
}

}  // namespace

void Rates::compare(CallRow& row, const Tally& now) const {
  row.recent = now.since(row.total);
  row.total = now;
  row.history.push_back(row.recent.calls);
  if (row.history.size() > kept) row.history.erase(row.history.begin());
}

void Rates::take(uint64_t time, const std::vector<CallRow>& rows) {
  bool compares = time_ != 0 && time > time_;
  elapsed_ = compares ? time - time_ : 0;
  time_ = time;
  if (compares) intervals_ = std::min(intervals_ + 1, kept);
  std::unordered_map<std::string, CallRow> next;
  for (const CallRow& row : rows) {
    std::string key = keyOf(row.labels);
    auto known = rows_.find(key);
    CallRow& to = next[key];
    if (known != rows_.end()) {
      to = std::move(known->second);
    } else {
      to.labels = row.labels;
    }
    if (compares) {
      compare(to, row.total);
    } else {
      to.total = row.total;
      to.recent = {};
    }
  }
  rows_ = std::move(next);  // what is not counted any more is gone
}

std::vector<CallRow> Rates::rows() const {
  std::vector<CallRow> out;
  out.reserve(rows_.size());
  for (const auto& [key, row] : rows_) out.push_back(row);
  return out;
}

}  // namespace swoll::ctl
