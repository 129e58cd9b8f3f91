// SPDX-License-Identifier: Apache-2.0
#include "trace/files/trace-yaml.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "base/time-text.h"
#include "trace/compiled-trace.h"
#include "trace/files/yaml-node.h"

namespace swoll {
namespace {

constexpr const char* apiVersion = "tools.swoll.criticalstack.com/v1alpha1";

using Kind = YamlNode::Kind;
using Operator = Requirement::Operator;

// What is wrong, and where. Thrown and caught in this file.
struct Wrong {
  int line, column;
  std::string text;
};
[[noreturn]] void refuse(const YamlNode& at, const std::string& text) {
  throw Wrong{at.line, at.column, text};
}

const char* inWords(Kind kind) {
  static constexpr const char* words[] = {"nothing", "a plain value", "a list", "a map"};
  return words[size_t(kind)];
}

void want(const YamlNode& node, Kind kind, const std::string& what) {
  if (node.kind != kind)
    refuse(node, what + " must be " + inWords(kind) + ", not " + inWords(node.kind));
}

// ---- reading values ----

std::string readText(const YamlNode& node, const std::string& what) {
  want(node, Kind::text, what);
  return node.text;
}

template <typename Number>
Number readNumber(const YamlNode& node, const std::string& what) {
  std::string text = readText(node, what);
  Number number{};
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || node.quoted)
    refuse(node, what + ": '" + shortened(text) + "' is not a whole number that fits");
  return number;
}

bool readBool(const YamlNode& node, const std::string& what) {
  std::string text = readText(node, what);
  bool yes = text == "true" || text == "yes" || text == "on";
  if ((!yes && text != "false" && text != "no" && text != "off") || node.quoted)
    refuse(node, what + ": '" + shortened(text) + "' is neither true nor false");
  return yes;
}

uint64_t readDuration(const YamlNode& node, const std::string& what) {
  std::string text = readText(node, what);
  auto ns = parseDuration(text);
  if (!ns)
    refuse(node, what + ": '" + shortened(text) +
                     "' is not a duration; write a number with ns, us, ms, s, m, h or d, as '5m'");
  return *ns;
}

// A list, or one text with commas.
std::vector<std::string> readTexts(const YamlNode& node, const std::string& what) {
  if (node.kind == Kind::text) return split(node.text, ',');
  want(node, Kind::list, what);
  std::vector<std::string> out;
  for (const YamlNode& item : node.items) out.push_back(readText(item, "each of " + what));
  return out;
}

// ---- maps with known keys ----

template <typename Rows>
void readMap(const YamlNode& node, const std::string& what, const Rows& rows, auto&& read) {
  if (node.kind == Kind::none) return;
  want(node, Kind::map, what);
  for (const auto& [key, value] : node.entries) {
    auto row = std::find_if(std::begin(rows), std::end(rows),
                            [&key = key](const auto& row) { return key.text == row.name; });
    if (row == std::end(rows)) {
      std::vector<std::string_view> names;
      for (const auto& row : rows) names.push_back(row.name);
      refuse(key, unknown("key", key.text, nearest(key.text, names)).text + " (in " + what + ")");
    }
    // As in Kubernetes' objects, a key with nothing behind it is one that was left out.
    if (value.kind != Kind::none) read(*row, value);
  }
}

// ---- selectors ----

struct OperatorRow {
  const char* name;
  Operator op;
};
const OperatorRow operatorRows[] = {{"In", Operator::in},
                                    {"NotIn", Operator::notIn},
                                    {"Exists", Operator::exists},
                                    {"DoesNotExist", Operator::absent}};

struct SelectorForm {
  Result<Selector> (*parse)(const std::string&);
  std::string (*text)(const Requirement&);
  bool isField;
};
const SelectorForm labelForm = {Selector::parseLabels, labelText, false};
const SelectorForm fieldForm = {Selector::parseFields, fieldText, true};

// A requirement as text, after making sure that the text says just that.
std::string checked(const YamlNode& at, const Requirement& r, const SelectorForm& form) {
  bool listed = r.op == Operator::in || r.op == Operator::notIn;
  if (listed && r.values.empty()) refuse(at, "In and NotIn need values");
  if (!listed && !r.values.empty()) refuse(at, "Exists and DoesNotExist take no values");
  if (form.isField && (!listed || r.values.size() != 1))
    refuse(at, "only In and NotIn with one value compare fields");
  std::string text = form.text(r);
  auto parsed = form.parse(text);
  if (!parsed) refuse(at, parsed.error());
  const auto& all = parsed->requirements();
  if (all.size() != 1 || all[0].key != r.key || all[0].values != r.values)
    refuse(at, "bad requirement '" + shortened(text) + "'");
  return text;
}

std::string readExpression(const YamlNode& node, const SelectorForm& form) {
  struct Key {
    const char* name;
  };
  static const Key keys[] = {{"key"}, {"operator"}, {"values"}};
  Requirement r;
  bool hasOperator = false;
  want(node, Kind::map, "each of matchExpressions");
  readMap(node, "matchExpressions", keys, [&](const Key& key, const YamlNode& value) {
    if (key.name[0] == 'k') {
      r.key = readText(value, "key");
    } else if (key.name[0] == 'v') {
      want(value, Kind::list, "values");
      r.values = readTexts(value, "values");
    } else {
      std::string word = readText(value, "operator");
      std::vector<std::string_view> names;
      for (const OperatorRow& row : operatorRows) {
        names.push_back(row.name);
        if (word == row.name) r.op = row.op, hasOperator = true;
      }
      if (!hasOperator) refuse(value, unknown("operator", word, nearest(word, names)).text);
    }
  });
  if (r.key.empty() || !hasOperator) refuse(node, "an expression needs a key and an operator");
  return checked(node, r, form);
}

std::string readSelector(const YamlNode& node, const std::string& what, const SelectorForm& form) {
  if (node.kind == Kind::text) {
    if (auto parsed = form.parse(node.text); !parsed) refuse(node, parsed.error());
    return node.text;
  }
  struct Key {
    const char* name;
    bool expressions;
  };
  static const Key keys[] = {{"matchLabels", false}, {"matchExpressions", true}};
  std::vector<std::string> parts;
  readMap(node, what, keys, [&](const Key& key, const YamlNode& value) {
    if (key.expressions) {
      want(value, Kind::list, key.name);
      for (const YamlNode& item : value.items) parts.push_back(readExpression(item, form));
      return;
    }
    want(value, Kind::map, key.name);
    for (const auto& [label, text] : value.entries) {
      // A label that is there and empty is written with nothing behind it.
      std::string is = text.kind == Kind::none ? "" : readText(text, "each of matchLabels");
      parts.push_back(checked(label, {label.text, Operator::in, {is}}, form));
    }
  });
  return join(parts, ",");
}

// ---- writing ----

template <typename Texts>
std::string flow(const Texts& texts) {
  std::vector<std::string> parts;
  for (const auto& text : texts) parts.push_back(yamlText(text));
  return "[" + join(parts, ", ") + "]";
}

std::string writeSelector(const std::string& text, const SelectorForm& form) {
  if (text.empty()) return {};
  auto parsed = form.parse(text);
  std::vector<std::string> labels, expressions;
  std::set<std::string> keys;
  for (const Requirement& r : parsed->requirements()) {
    auto row = std::find_if(std::begin(operatorRows), std::end(operatorRows),
                            [&](const OperatorRow& row) { return row.op == r.op; });
    if (row == std::end(operatorRows)) return " " + yamlText(text);  // > and < have no other form
    if (r.op == Operator::in && r.values.size() == 1 && keys.insert(r.key).second) {
      labels.push_back(yamlText(r.key) + ": " + yamlText(r.values[0]));
      continue;
    }
    expressions.push_back("{key: " + yamlText(r.key) + ", operator: " + row->name +
                          (r.values.empty() ? "" : ", values: " + flow(r.values)) + "}");
  }
  std::string out;
  if (!labels.empty()) out += "\n    matchLabels: {" + join(labels, ", ") + "}";
  if (!expressions.empty()) out += "\n    matchExpressions:";
  for (const std::string& expression : expressions) out += "\n      - " + expression;
  return out;
}

std::string orNothing(const std::string& text) { return text.empty() ? "" : " " + yamlText(text); }
std::string orNothing(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : " " + flow(texts);
}
template <typename Number>
std::string unless(Number nothing, Number number) {
  return number == nothing ? "" : " " + std::to_string(number);
}
// In the largest unit that says it exactly.
std::string writeDuration(uint64_t ns) {
  static const std::pair<const char*, uint64_t> units[] = {
      {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
      {"ms", 1'000'000},        {"us", 1'000},         {"ns", 1}};
  if (!ns) return {};
  for (const auto& [name, unit] : units)
    if (ns % unit == 0) return " " + std::to_string(ns / unit) + name;
  return {};
}

// ---- the keys of a spec ----

struct SpecKey {
  const char* name;
  void (*read)(TraceSpec&, const YamlNode&);
  std::string (*write)(const TraceSpec&);  // what stands behind the colon; empty: left out
};

#define TEXT_KEY(key, member)                                                  \
  {                                                                            \
    key, [](TraceSpec& s, const YamlNode& n) { s.member = readText(n, key); }, \
        [](const TraceSpec& s) { return orNothing(s.member); }                 \
  }
#define LIST_KEY(key, member)                                                   \
  {                                                                             \
    key, [](TraceSpec& s, const YamlNode& n) { s.member = readTexts(n, key); }, \
        [](const TraceSpec& s) { return orNothing(s.member); }                  \
  }
#define NUMBER_KEY(key, member, nothing)                                                 \
  {                                                                                      \
    key,                                                                                 \
        [](TraceSpec& s, const YamlNode& n) {                                            \
          s.member = readNumber<decltype(s.member)>(n, key);                             \
        },                                                                               \
        [](const TraceSpec& s) { return unless<decltype(s.member)>(nothing, s.member); } \
  }
#define DURATION_KEY(key, member)                                                  \
  {                                                                                \
    key, [](TraceSpec& s, const YamlNode& n) { s.member = readDuration(n, key); }, \
        [](const TraceSpec& s) { return writeDuration(s.member); }                 \
  }
#define SELECTOR_KEY(key, member, form)                                                  \
  {                                                                                      \
    key, [](TraceSpec& s, const YamlNode& n) { s.member = readSelector(n, key, form); }, \
        [](const TraceSpec& s) { return writeSelector(s.member, form); }                 \
  }

const SpecKey specKeys[] = {
    LIST_KEY("syscalls", syscalls),
    {"processes",
     [](TraceSpec& s, const YamlNode& n) {
       s.processes = readTexts(n, "processes");
       if (s.processes.empty()) refuse(n, "processes names no event; as in [exec, exit], or all");
     },
     [](const TraceSpec& s) { return orNothing(s.processes); }},
    SELECTOR_KEY("labelSelector", labelSelector, labelForm),
    SELECTOR_KEY("fieldSelector", fieldSelector, fieldForm),
    LIST_KEY("hostSelector", hostSelector),
    DURATION_KEY("duration", duration),
    NUMBER_KEY("sampleRate", sampleRate, 1),
    TEXT_KEY("pod", pod),
    TEXT_KEY("container", container),
    TEXT_KEY("unit", unit),
    TEXT_KEY("cgroup", cgroup),
    NUMBER_KEY("pidns", pidNamespace, 0),
    NUMBER_KEY("pid", pid, 0),
    {"host", [](TraceSpec& s, const YamlNode& n) { s.host = readBool(n, "host"); },
     [](const TraceSpec& s) { return std::string(s.host ? " true" : ""); }},
    TEXT_KEY("comm", comm),
    NUMBER_KEY("uid", uid, -1),
    LIST_KEY("errno", errors),
    DURATION_KEY("minLatency", minLatency),
    {"args",
     [](TraceSpec& s, const YamlNode& n) {
       want(n, Kind::map, "args");
       for (const auto& [name, glob] : n.entries)
         s.args.push_back({name.text, readText(glob, "each of args")});
     },
     [](const TraceSpec& s) {
       std::vector<std::string> parts;
       for (const auto& [name, glob] : s.args)
         parts.push_back(yamlText(name) + ": " + yamlText(glob));
       return parts.empty() ? "" : " {" + join(parts, ", ") + "}";
     }},
    {"rate",
     [](TraceSpec& s, const YamlNode& n) {
       auto rate = parseRate(readText(n, "rate"));
       if (!rate) refuse(n, "rate: '" + shortened(n.text) + "' is not N/s, events per second");
       s.rate = *rate;
     },
     [](const TraceSpec& s) { return s.rate ? " " + std::to_string(s.rate) + "/s" : ""; }},
    {"journal", [](TraceSpec& s, const YamlNode& n) { s.journal = readBool(n, "journal"); },
     [](const TraceSpec& s) { return std::string(s.journal ? "" : " false"); }},
    LIST_KEY("addContainers", addContainers),
    LIST_KEY("removeContainers", removeContainers),
};

// ---- the rest of a document ----

struct MetadataKey {
  const char* name;
  std::string TraceSpec::*member;
};
const MetadataKey metadataKeys[] = {{"name", &TraceSpec::name},
                                    {"namespace", &TraceSpec::nameSpace}};

struct StatusKey {
  const char* name;
  void (*read)(TraceStatus&, const YamlNode&);
};
const StatusKey statusKeys[] = {
    {"created",
     [](TraceStatus& s, const YamlNode& n) { s.created = readNumber<int64_t>(n, "created"); }},
    {"expires",
     [](TraceStatus& s, const YamlNode& n) { s.expires = readNumber<int64_t>(n, "expires"); }},
    {"owner",
     [](TraceStatus& s, const YamlNode& n) { s.owner = readNumber<uint32_t>(n, "owner"); }},
};

void wantWord(const YamlNode& node, const std::string& what, const std::string& word) {
  if (readText(node, what) != word)
    refuse(node, what + " must be " + word + ", not '" + shortened(node.text) + "'");
}

struct TopKey {
  const char* name;
  void (*read)(TraceDocument&, const YamlNode&);
};
const TopKey topKeys[] = {
    {"apiVersion",
     [](TraceDocument&, const YamlNode& n) { wantWord(n, "apiVersion", apiVersion); }},
    {"kind", [](TraceDocument&, const YamlNode& n) { wantWord(n, "kind", "Trace"); }},
    {"metadata",
     [](TraceDocument& d, const YamlNode& n) {
       readMap(n, "metadata", metadataKeys, [&](const MetadataKey& key, const YamlNode& value) {
         d.spec.*key.member = readText(value, key.name);
       });
     }},
    {"spec",
     [](TraceDocument& d, const YamlNode& n) {
       readMap(n, "spec", specKeys,
               [&](const SpecKey& key, const YamlNode& value) { key.read(d.spec, value); });
     }},
    {"status",
     [](TraceDocument& d, const YamlNode& n) {
       d.status.emplace();
       readMap(n, "status", statusKeys,
               [&](const StatusKey& key, const YamlNode& value) { key.read(*d.status, value); });
     }},
};

TraceDocument readDocument(const std::string& file, const YamlNode& node) {
  TraceDocument document;
  document.where = file + ":" + std::to_string(node.line);
  want(node, Kind::map, "a trace");
  std::set<std::string> there;
  for (const auto& [key, value] : node.entries) there.insert(key.text);
  readMap(node, "a trace", topKeys,
          [&](const TopKey& key, const YamlNode& value) { key.read(document, value); });
  for (const char* needed : {"apiVersion", "kind", "spec"})
    if (!there.contains(needed)) refuse(node, std::string("key '") + needed + "' is missing");
  TraceSpec spec = document.spec;
  if (spec.name.empty()) spec.name = "unnamed";
  if (auto compiled = CompiledTrace::compile(spec); !compiled) refuse(node, compiled.error());
  return document;
}

}  // namespace

Result<std::vector<TraceDocument>> parseTraces(const std::string& file, std::string_view text) {
  auto nodes = parseYaml(file, text);
  if (!nodes) return Error{nodes.error()};
  std::vector<TraceDocument> out;
  std::set<std::string> names;
  try {
    for (const YamlNode& node : *nodes) {
      if (node.kind == Kind::none) continue;
      out.push_back(readDocument(file, node));
      const std::string& name = out.back().spec.name;
      if (!name.empty() && !names.insert(name).second)
        refuse(node, "trace '" + name + "' is there twice");
    }
  } catch (const Wrong& wrong) {
    return Error{file + ":" + std::to_string(wrong.line) + ":" + std::to_string(wrong.column) +
                 ": " + wrong.text};
  }
  if (out.empty()) return Error{file + ": holds no trace"};
  return out;
}

std::string writeTrace(const TraceSpec& spec, const std::optional<TraceStatus>& status) {
  std::string out = std::string("apiVersion: ") + apiVersion + "\nkind: Trace\nmetadata:\n";
  for (const MetadataKey& key : metadataKeys)
    if (auto text = orNothing(spec.*key.member); !text.empty())
      out += std::string("  ") + key.name + ":" + text + "\n";
  out += "spec:\n";
  for (const SpecKey& key : specKeys)
    if (auto text = key.write(spec); !text.empty())
      out += std::string("  ") + key.name + ":" + text + "\n";
  if (!status) return out;
  return out + "status: {created: " + std::to_string(status->created) +
         ", expires: " + std::to_string(status->expires) +
         ", owner: " + std::to_string(status->owner) + "}\n";
}

std::vector<std::string> traceKeys() {
  std::vector<std::string> names;
  for (const SpecKey& key : specKeys) names.push_back(key.name);
  return names;
}

std::optional<uint32_t> parseRate(const std::string& text) {
  uint32_t rate = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, rate);
  if (error != std::errc() || rate == 0 ||
      (stop != end && std::string_view(stop, size_t(end - stop)) != "/s"))
    return {};
  return rate;
}

}  // namespace swoll
