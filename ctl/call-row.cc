// SPDX-License-Identifier: Apache-2.0
#include "ctl/call-row.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/text.h"

namespace swoll::ctl {
namespace {

constexpr uint64_t bits(std::initializer_list<Label> labels) {
  uint64_t out = 0;
  for (Label label : labels) out |= uint64_t(1) << label;
  return out;
}

const Dimension dimensionRows[] = {
    {"container", bits({nameSpace, pod, container, containerId}), "call,error"},
    {"call", bits({call, klass, group}), "error,container"},
    {"class", bits({klass}), "call,error,container"},
    {"group", bits({group}), "call,error,container"},
    {"error", bits({error}), "call,container"},
    {"pod", bits({nameSpace, pod}), "container,call,error"},
    {"namespace", bits({nameSpace}), "container,call,error"},
};

double below(Bounds bounds) { return double(bounds.below); }

const Order orderRows[] = {
    {"count", "rate", [](const Tally& t) { return double(t.calls); }},
    {"errors", "errors", [](const Tally& t) { return double(t.errors); }},
    {"time", "time", [](const Tally& t) { return double(t.time); }},
    {"mean", "mean", [](const Tally& t) { return double(t.mean()); }},
    {"p50", "p50", [](const Tally& t) { return below(percentile(t, 50)); }},
    {"p99", "p99", [](const Tally& t) { return below(percentile(t, 99)); }},
    {"name", "name", nullptr},
};

std::string keyOf(const Labels& labels, LabelSet keep) {
  std::string key;
  for (size_t i = 0; i < labels.size(); i++) {
    if (keep[i]) key += labels[i];
    key += '\0';
  }
  return key;
}

// Rows that are younger have a shorter history: the newest stand below each other.
void addHistory(std::vector<uint64_t>& to, const std::vector<uint64_t>& from) {
  if (to.size() < from.size()) to.insert(to.begin(), from.size() - to.size(), 0);
  for (size_t i = 0; i < from.size(); i++) to[to.size() - from.size() + i] += from[i];
}

}  // namespace

std::span<const Dimension> dimensions() { return dimensionRows; }

const Dimension* dimensionNamed(std::string_view name) {
  auto found = std::find_if(std::begin(dimensionRows), std::end(dimensionRows),
                            [&](const Dimension& row) { return row.name == name; });
  return found == std::end(dimensionRows) ? nullptr : &*found;
}

LabelSet allLabels() { return LabelSet().set(); }

std::vector<CallRow> grouped(const std::vector<CallRow>& rows, LabelSet keep) {
  std::vector<CallRow> out;
  std::unordered_map<std::string, size_t> places;
  for (const CallRow& row : rows) {
    auto [place, isNew] = places.try_emplace(keyOf(row.labels, keep), out.size());
    if (isNew) {
      CallRow& first = out.emplace_back();
      for (size_t i = 0; i < labelCount; i++)
        if (keep[i]) first.labels[i] = row.labels[i];
    }
    CallRow& to = out[place->second];
    to.total += row.total;
    to.recent += row.recent;
    addHistory(to.history, row.history);
  }
  return out;
}

std::span<const Order> orders() { return orderRows; }

void sortRows(std::vector<CallRow>& rows, const Order& order, TallyOf of, bool reverse) {
  struct Entry {
    double value;
    size_t row;
  };
  std::vector<Entry> entries;
  for (size_t i = 0; i < rows.size(); i++)
    entries.push_back({order.value ? order.value(rows[i].*of) : 0, i});
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.value != b.value) return reverse ? a.value < b.value : a.value > b.value;
    const Labels &left = rows[a.row].labels, &right = rows[b.row].labels;
    return reverse && !order.value ? left > right : left < right;
  });
  std::vector<CallRow> out;
  for (const Entry& entry : entries) out.push_back(std::move(rows[entry.row]));
  rows = std::move(out);
}

std::string containerText(const Labels& labels) {
  std::string text;
  for (Label label : {nameSpace, pod, container})
    if (!labels[label].empty()) text += (text.empty() ? "" : "/") + labels[label];
  constexpr size_t runtimeId = 64, shown = 12;  // as runtimes' own tools show an id
  std::string id = labels[containerId];
  if (id.size() == runtimeId) id.resize(shown);
  // Outside of pods several may have one name.
  if (id.empty() || !labels[pod].empty()) return text;
  return text.empty() || text == labels[containerId] ? id : text + '@' + id;
}

std::string labelText(const Labels& labels) {
  std::vector<std::string> parts;
  auto take = [&](const std::string& part) {
    if (!part.empty()) parts.push_back(part);
  };
  take(containerText(labels));
  if (labels[call].empty()) {
    take(labels[klass]);
    take(labels[group]);
  }
  take(labels[call]);
  take(labels[error]);
  return join(parts, " ");
}

}  // namespace swoll::ctl
