// SPDX-License-Identifier: Apache-2.0
// What `swollctl top` looks at: which rows, grouped and sorted how, from where. Knows no terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/rates.h"

namespace swoll::ctl {

// A value.
class TopView {
 public:
  explicit TopView(const Dimension& by, const Order& order) : level_{&by, {}, {}}, order_(&order) {}

  // The rows that are looked at, in their order. While frozen, of the moment when that began.
  std::vector<CallRow> rows(const Rates& rates) const;
  const Rates& shown(const Rates& rates) const { return frozen_ ? *frozen_ : rates; }

  const Dimension& by() const { return *level_.by; }
  void groupBy(const Dimension& by);
  // The next dimension that still tells rows apart.
  void groupByNext();

  // Into a row, to its calls, errors or containers; false if there is nothing within it.
  bool enter(const CallRow& row);
  // Out of it again; false at the top.
  bool leave();
  // The rows that were entered, as text.
  std::string path() const { return labelText(level_.fixed); }
  // All labels that a row's calls share: its own, and those of the rows that were entered.
  Labels labelsOf(const CallRow& row) const;
  LabelSet known() const { return level_.fixedSet | level_.by->labels; }

  const Order& order() const { return *order_; }
  bool isReversed() const { return reversed_; }
  void sortBy(int step);  // the order so many to the right
  void reverse() { reversed_ = !reversed_; }

  // Rows whose text has this in it, in any case.
  const std::string& filter() const { return filter_; }
  void setFilter(std::string text) { filter_ = std::move(text); }

  bool isFrozen() const { return frozen_.has_value(); }
  void toggleFrozen(const Rates& rates);

 private:
  struct Level {
    const Dimension* by;
    Labels fixed;
    LabelSet fixedSet;
  };
  bool tellsApart(const Dimension& dimension) const;

  Level level_;
  std::vector<Level> above_;
  const Order* order_;
  bool reversed_ = false;
  std::string filter_;
  std::optional<Rates> frozen_;
};

// The last `width` of the numbers as a line of bars, as high as the greatest of them asks for. A
// number that is not 0 is never shown as nothing.
std::string sparkLine(const std::vector<uint64_t>& numbers, size_t width, bool utf8);

}  // namespace swoll::ctl
