// SPDX-License-Identifier: Apache-2.0
// Rows of counted calls, and what they can be grouped and sorted by. Plain values: this knows
// neither the daemon nor a terminal.
#pragma once

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <vector>

#include "ctl/tally.h"

namespace swoll::ctl {

enum Label { nameSpace, pod, container, containerId, call, klass, group, error, labelCount };
using LabelSet = std::bitset<labelCount>;
using Labels = std::array<std::string, labelCount>;  // those that a row is not about are empty

struct CallRow {
  Labels labels;
  Tally total;                    // since it was first counted
  Tally recent;                   // in the last interval, where there is one
  std::vector<uint64_t> history;  // calls in the last intervals, the newest last
};

// What rows can be told apart by.
struct Dimension {
  const char* name;
  LabelSet labels;   // what is the same in all calls of a group
  const char* next;  // what people look at within one of its groups: names of dimensions, in order
};
std::span<const Dimension> dimensions();
// The one of that name; null if there is none.
const Dimension* dimensionNamed(std::string_view name);
LabelSet allLabels();

// Rows added up that have the same labels in `keep`; the other labels are empty then.
std::vector<CallRow> grouped(const std::vector<CallRow>& rows, LabelSet keep);

// What rows can be sorted by.
struct Order {
  const char* name;
  const char* rateName;           // what it is called where rates are shown
  double (*value)(const Tally&);  // null: by labels, as they read
};
std::span<const Order> orders();

// The greatest first, labels in their own order; with `reverse` the other way round. What is equal
// is in the order of labels.
using TallyOf = Tally CallRow::*;
void sortRows(std::vector<CallRow>& rows, const Order& order, TallyOf of, bool reverse = false);

// "shop/web/nginx" or, in no pod, "sh@pidns:4026532201"; "openat", "ENOENT": the labels that are
// there, as people know them.
std::string containerText(const Labels& labels);
std::string labelText(const Labels& labels);

}  // namespace swoll::ctl
