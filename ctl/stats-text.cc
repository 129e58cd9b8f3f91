// SPDX-License-Identifier: Apache-2.0
#include "ctl/stats-text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>

#include "base/escape.h"
#include "base/time-text.h"
#include "ctl/output.h"
#include "event/render-json.h"

namespace swoll::ctl {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

const struct {
  Label label;
  const char* heading;
  const char* key;
} labelRows[] = {
    {nameSpace, "NAMESPACE", "namespace"},
    {pod, "POD", "pod"},
    {container, "CONTAINER", "container"},
    {containerId, "ID", "id"},
    {call, "CALL", "call"},
    {klass, "CLASS", "class"},
    {group, "GROUP", "group"},
    {error, "ERROR", "error"},
};

// The class and the group go with the call, and would only make lines long.
bool isShown(Label label, LabelSet shown) {
  return shown[label] && !(shown[call] && (label == klass || label == group));
}

std::string cellText(const Labels& labels, Label label) {
  constexpr size_t runtimeId = 64, brief = 12;
  const std::string& text = labels[label];
  return label == containerId && text.size() == runtimeId ? text.substr(0, brief) : text;
}

std::string meanText(const Tally& tally) { return tally.calls ? formatDuration(tally.mean()) : ""; }

std::string oneDecimal(double number) {
  char text[64];
  snprintf(text, sizeof text, "%.1f", number);
  return text;
}

// A line's end. Numbers that are exact are written out.
struct NumberColumn {
  const char* heading;
  std::string (*text)(const CallRow& row, uint64_t elapsed);
};

const NumberColumn totals[] = {
    {"COUNT", [](const CallRow& r, uint64_t) { return std::to_string(r.total.calls); }},
    {"ERRORS", [](const CallRow& r, uint64_t) { return std::to_string(r.total.errors); }},
    {"TIME", [](const CallRow& r, uint64_t) { return formatDuration(r.total.time); }},
    {"MEAN", [](const CallRow& r, uint64_t) { return meanText(r.total); }},
    {"P50", [](const CallRow& r, uint64_t) { return boundText(percentile(r.total, 50)); }},
    {"P99", [](const CallRow& r, uint64_t) { return boundText(percentile(r.total, 99)); }},
};

const NumberColumn rates[] = {
    {"RATE/S",
     [](const CallRow& r, uint64_t ns) { return oneDecimal(perSecond(r.recent.calls, ns)); }},
    {"ERR/S",
     [](const CallRow& r, uint64_t ns) { return oneDecimal(perSecond(r.recent.errors, ns)); }},
    {"MEAN", [](const CallRow& r, uint64_t) { return meanText(r.recent); }},
    {"P50", [](const CallRow& r, uint64_t) { return boundText(percentile(r.recent, 50)); }},
    {"P99", [](const CallRow& r, uint64_t) { return boundText(percentile(r.recent, 99)); }},
    {"COUNT", [](const CallRow& r, uint64_t) { return std::to_string(r.recent.calls); }},
    {"TOTAL", [](const CallRow& r, uint64_t) { return std::to_string(r.total.calls); }},
};

template <size_t N>
std::string table(const std::vector<CallRow>& rows, LabelSet shown,
                  const NumberColumn (&numbers)[N], uint64_t elapsed) {
  std::vector<Table::Column> columns;
  for (const auto& row : labelRows)
    if (isShown(row.label, shown)) columns.push_back({row.heading});
  for (const auto& number : numbers) columns.push_back({number.heading, true});
  Table out(columns);
  for (const CallRow& row : rows) {
    std::vector<std::string> cells;
    for (const auto& label : labelRows)
      if (isShown(label.label, shown)) cells.push_back(cellText(row.labels, label.label));
    for (const auto& number : numbers) cells.push_back(number.text(row, elapsed));
    out.row(cells);
  }
  return out.text();
}

void writeBounds(Json& json, const char* key, const Tally& tally) {
  json.Key(key);
  Bounds bounds = percentile(tally, key == std::string_view("p50") ? 50 : 99);
  if (bounds == Bounds{}) {
    json.Null();
    return;
  }
  json.StartObject();
  json.Key("from");
  json.Uint64(bounds.from);
  json.Key("below");
  bounds.below == UINT64_MAX ? json.Null() : json.Uint64(bounds.below);
  json.EndObject();
}

void writeTally(Json& json, const Tally& tally) {
  const struct {
    const char* key;
    uint64_t value;
  } numbers[] = {{"count", tally.calls},
                 {"errors", tally.errors},
                 {"time", tally.time},
                 {"mean", tally.mean()}};
  for (const auto& number : numbers) {
    json.Key(number.key);
    json.Uint64(number.value);
  }
  writeBounds(json, "p50", tally);
  writeBounds(json, "p99", tally);
  json.Key("buckets");
  json.StartArray();
  for (uint64_t calls : tally.buckets) json.Uint64(calls);
  json.EndArray();
}

void writeLabels(Json& json, const Labels& labels, LabelSet shown) {
  for (const auto& row : labelRows) {
    json.Key(row.key);
    std::string text = escapeNonUtf8(labels[row.label]);
    shown[row.label] ? json.String(text.data(), unsigned(text.size())) : json.Null();
  }
}

// `write` gets each row, with the object open.
template <typename Write>
std::string document(const Counts& counts, const std::vector<CallRow>& rows, Write write) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  const struct {
    const char* key;
    uint64_t value;
  } numbers[] = {{"clock", counts.clock},
                 {"callsWithoutCell", counts.callsWithoutCell},
                 {"callsUncounted", counts.callsUncounted},
                 {"cells", counts.cells},
                 {"cellsUsed", counts.cellsUsed}};
  for (const auto& number : numbers) {
    json.Key(number.key);
    json.Uint64(number.value);
  }
  json.Key("rows");
  json.StartArray();
  for (const CallRow& row : rows) {
    json.StartObject();
    write(json, row);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return tameJson({buffer.GetString(), buffer.GetSize()});
}

}  // namespace

double perSecond(uint64_t count, uint64_t elapsed) {
  return elapsed ? double(count) * 1e9 / double(elapsed) : 0;
}

std::string statsTable(const std::vector<CallRow>& rows, LabelSet shown) {
  return table(rows, shown, totals, 0);
}

std::string ratesTable(const std::vector<CallRow>& rows, LabelSet shown, uint64_t elapsed) {
  return table(rows, shown, rates, elapsed);
}

std::string statsJson(const Counts& counts, const std::vector<CallRow>& rows, LabelSet shown) {
  return document(counts, rows, [&](Json& json, const CallRow& row) {
    writeLabels(json, row.labels, shown);
    writeTally(json, row.total);
  });
}

std::string ratesJson(const Counts& counts, const std::vector<CallRow>& rows, LabelSet shown,
                      uint64_t elapsed) {
  return document(counts, rows, [&](Json& json, const CallRow& row) {
    writeLabels(json, row.labels, shown);
    writeTally(json, row.recent);
    json.Key("interval");
    json.Uint64(elapsed);
    json.Key("rate");
    json.Double(perSecond(row.recent.calls, elapsed));
    json.Key("total");
    json.Uint64(row.total.calls);
  });
}

}  // namespace swoll::ctl
