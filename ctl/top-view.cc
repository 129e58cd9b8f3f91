// SPDX-License-Identifier: Apache-2.0
#include "ctl/top-view.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace swoll::ctl {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = char(tolower(static_cast<unsigned char>(c)));
  return text;
}

bool matches(const Labels& labels, const Labels& fixed, LabelSet fixedSet) {
  for (size_t i = 0; i < labelCount; i++)
    if (fixedSet[i] && labels[i] != fixed[i]) return false;
  return true;
}

}  // namespace

std::vector<CallRow> TopView::rows(const Rates& rates) const {
  std::vector<CallRow> all = shown(rates).rows();
  std::erase_if(
      all, [&](const CallRow& row) { return !matches(row.labels, level_.fixed, level_.fixedSet); });
  auto out = grouped(all, level_.by->labels);
  std::string wanted = lower(filter_);
  std::erase_if(out, [&](const CallRow& row) {
    return lower(labelText(row.labels)).find(wanted) == std::string::npos;
  });
  sortRows(out, *order_, &CallRow::recent, reversed_);
  return out;
}

bool TopView::tellsApart(const Dimension& dimension) const {
  return (dimension.labels & ~level_.fixedSet).any();
}

void TopView::groupBy(const Dimension& by) {
  if (tellsApart(by)) level_.by = &by;
}

void TopView::groupByNext() {
  auto all = dimensions();
  auto at = size_t(level_.by - all.data());
  for (size_t step = 1; step <= all.size(); step++) {
    const Dimension& next = all[(at + step) % all.size()];
    if (!tellsApart(next)) continue;
    level_.by = &next;
    return;
  }
}

Labels TopView::labelsOf(const CallRow& row) const {
  Labels out = level_.fixed;
  for (size_t i = 0; i < labelCount; i++)
    if (level_.by->labels[i]) out[i] = row.labels[i];
  return out;
}

bool TopView::enter(const CallRow& row) {
  Level within{level_.by, labelsOf(row), known()};
  for (const std::string& name : split(level_.by->next, ',')) {
    const Dimension* next = dimensionNamed(name);
    if ((next->labels & ~within.fixedSet).none()) continue;
    within.by = next;
    above_.push_back(level_);
    level_ = within;
    return true;
  }
  return false;
}

bool TopView::leave() {
  if (above_.empty()) return false;
  level_ = above_.back();
  above_.pop_back();
  return true;
}

void TopView::sortBy(int step) {
  auto all = orders();
  auto count = int(all.size());
  order_ = &all[size_t((int(order_ - all.data()) + step % count + count) % count)];
}

void TopView::toggleFrozen(const Rates& rates) {
  if (frozen_) {
    frozen_.reset();
  } else {
    frozen_ = rates;
  }
}

std::string sparkLine(const std::vector<uint64_t>& numbers, size_t width, bool utf8) {
  static constexpr const char* bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr const char* plain[] = {".", ":", "-", "=", "+", "*", "#", "@"};
  constexpr size_t heights = std::size(bars);
  size_t count = std::min(width, numbers.size());
  auto first = numbers.end() - ptrdiff_t(count);
  uint64_t most = count ? *std::max_element(first, numbers.end()) : 0;
  std::string out(width - count, ' ');
  for (auto at = first; at != numbers.end(); ++at) {
    if (*at == 0) {
      out += ' ';
      continue;
    }
    auto height = size_t(double(*at) / double(most) * heights);
    height = std::min(height, heights - 1);
    out += utf8 ? bars[height] : plain[height];
  }
  return out;
}

}  // namespace swoll::ctl
