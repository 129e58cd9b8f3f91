// SPDX-License-Identifier: Apache-2.0
#include "containers/selector.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace swoll {
namespace {

using Operator = Requirement::Operator;

// Far more than anyone writes, and little enough to be tested for each container.
constexpr size_t mostText = 16384, mostRequirements = 256, mostValues = 1024;

// The fields of a field selector, one row each.
struct FieldRow {
  const char* name;
  std::string (*get)(const Container&, const std::string& node);
};
const FieldRow fieldRows[] = {
    {"status.phase", [](const Container& c, const std::string&) { return c.phase; }},
    {"metadata.name", [](const Container& c, const std::string&) { return c.pod; }},
    {"metadata.namespace", [](const Container& c, const std::string&) { return c.nameSpace; }},
    {"spec.nodeName", [](const Container&, const std::string& node) { return node; }},
    {"container.name", [](const Container& c, const std::string&) { return c.name; }},
    {"container.image", [](const Container& c, const std::string&) { return c.image; }},
};

constexpr std::string_view marks = ",()=!<>";
constexpr std::string_view operators = "=, !=, in, notin, >, <";

// Cuts a selector to words: names, and each of , ( ) = == != ! < >
class Lexer {
 public:
  explicit Lexer(const std::string& text) : text(text) { next(); }
  const std::string& word() const { return current; }
  bool done() const { return current.empty(); }
  bool isName() const { return !done() && !isMark(current[0]); }
  void next() {
    while (at < text.size() && isspace(static_cast<unsigned char>(text[at]))) at++;
    start = at;
    if (at >= text.size()) {
      current.clear();
      return;
    }
    if (text.compare(at, 2, "==") == 0 || text.compare(at, 2, "!=") == 0) {
      at += 2;
    } else if (isMark(text[at])) {
      at++;
    } else {
      while (at < text.size() && !isMark(text[at]) &&
             !isspace(static_cast<unsigned char>(text[at])))
        at++;
    }
    current = text.substr(start, at - start);
  }
  std::string take() {
    std::string taken = current;
    next();
    return taken;
  }
  Error error(const std::string& wanted) const {
    return {"bad selector '" + shortened(text) + "': expected " + wanted +
            (done() ? " at its end" : " at '" + shortened(text.substr(start)) + "'")};
  }

 private:
  static bool isMark(char c) { return marks.find(c) != marks.npos; }

  const std::string& text;
  size_t at = 0, start = 0;
  std::string current;
};

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits and `inner`, with a letter or digit at both ends.
bool isWord(std::string_view word, std::string_view inner, size_t most) {
  return !word.empty() && word.size() <= most && isLetterOrDigit(word.front()) &&
         isLetterOrDigit(word.back()) && std::all_of(word.begin(), word.end(), [&](char c) {
           return isLetterOrDigit(c) || inner.find(c) != inner.npos;
         });
}

constexpr std::string_view nameMarks = "-_.";
constexpr size_t mostName = 63, mostPrefix = 253;

// A DNS subdomain (RFC 1123): lower case, and no empty or dashed-off part.
bool isPrefix(std::string_view text) {
  if (text.empty() || text.size() > mostPrefix) return false;
  for (;;) {
    size_t dot = text.find('.');
    std::string_view part = text.substr(0, dot);
    bool lower =
        std::none_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!lower || !isWord(part, "-", part.size())) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// What is wrong with a key, as apimachinery's IsQualifiedName has it; empty when nothing is.
std::string wrongKey(const std::string& key) {
  std::string_view name = key;
  if (size_t slash = key.find('/'); slash != key.npos) {
    if (!isPrefix(name.substr(0, slash)))
      return "the part of key '" + shortened(key) +
             "' before '/' must be a DNS name: a-z, 0-9, '-' and '.', at most 253 bytes";
    name.remove_prefix(slash + 1);
  }
  if (isWord(name, nameMarks, mostName)) return {};
  return "key '" + shortened(key) +
         "' must begin and end with a letter or digit, with those, '-', '_' and '.' between, at "
         "most 63 bytes";
}

std::string wrongValue(const std::string& value) {
  if (value.empty() || isWord(value, nameMarks, mostName)) return {};
  return "value '" + shortened(value) +
         "' must begin and end with a letter or digit, with those, '-', '_' and '.' between, at "
         "most 63 bytes";
}

std::optional<int64_t> wholeNumber(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return {};
  return number;
}

// What a requirement must be besides well written.
std::string wrongRequirement(const Requirement& r) {
  if (auto wrong = wrongKey(r.key); !wrong.empty()) return wrong;
  if ((r.op == Operator::in || r.op == Operator::notIn) && r.values.empty())
    return "'in' and 'notin' need a value";
  if ((r.op == Operator::greater || r.op == Operator::less) && !wholeNumber(r.values[0]))
    return "'>' and '<' compare whole numbers, not '" + shortened(r.values[0]) + "'";
  for (const std::string& value : r.values)
    if (auto wrong = wrongValue(value); !wrong.empty()) return wrong;
  return {};
}

// What stands behind a key. Answers what is wrong, if anything.
std::optional<Error> parseOperator(Lexer& lexer, Requirement& r) {
  const std::string op = lexer.word();
  if (op == "=" || op == "==" || op == "!=") {
    r.op = op == "!=" ? Operator::notIn : Operator::in;
    lexer.next();
    // An empty value is a value: "a=" asks for a label that is there and empty.
    r.values.push_back(lexer.isName() ? lexer.take() : "");
  } else if (op == ">" || op == "<") {
    r.op = op == ">" ? Operator::greater : Operator::less;
    lexer.next();
    if (!lexer.isName()) return lexer.error("a whole number");
    r.values.push_back(lexer.take());
  } else if (op == "in" || op == "notin") {
    r.op = op == "in" ? Operator::in : Operator::notIn;
    lexer.next();
    if (lexer.word() != "(") return lexer.error("'('");
    lexer.next();
    if (lexer.word() != ")") {
      for (;;) {
        r.values.push_back(lexer.isName() ? lexer.take() : "");
        if (r.values.size() > mostValues) return lexer.error("no more than 1024 values");
        if (lexer.word() != ",") break;
        lexer.next();
      }
    }
    if (lexer.word() != ")") return lexer.error("',' or ')'");
    lexer.next();
  }
  return {};
}

std::string escapeField(const std::string& value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == ',' || c == '=') out += '\\';
    out += c;
  }
  return out;
}

// The value up to the next comma, without its escapes; nothing when one is malformed.
std::optional<std::string> takeFieldValue(std::string_view& text) {
  std::string value;
  while (!text.empty() && text[0] != ',') {
    if (text[0] == '=') return {};
    if (text[0] == '\\') {
      text.remove_prefix(1);
      if (text.empty() || std::string_view("\\,=").find(text[0]) == text.npos) return {};
    }
    value += text[0];
    text.remove_prefix(1);
  }
  size_t first = value.find_first_not_of(" \t"), last = value.find_last_not_of(" \t");
  return first == value.npos ? "" : value.substr(first, last - first + 1);
}

}  // namespace

bool Requirement::holds(const std::optional<std::string>& value) const {
  auto listed = [&] { return std::find(values.begin(), values.end(), *value) != values.end(); };
  switch (op) {
    case Operator::in:
      return value && listed();
    case Operator::notIn:
      return !value || !listed();
    case Operator::exists:
      return value.has_value();
    case Operator::absent:
      return !value;
    case Operator::greater:
    case Operator::less: {
      auto number = value ? wholeNumber(*value) : std::nullopt;
      if (!number) return false;
      return op == Operator::greater ? *number > *wholeNumber(values[0])
                                     : *number < *wholeNumber(values[0]);
    }
  }
  return false;
}

Result<Selector> Selector::parseLabels(const std::string& text) {
  if (text.size() > mostText)
    return Error{"bad selector '" + shortened(text) + "': longer than 16384 bytes"};
  Selector selector;
  Lexer lexer(text);
  if (lexer.done()) return selector;
  for (;;) {
    Requirement r;
    bool negated = lexer.word() == "!";
    if (negated) {
      r.op = Operator::absent;
      lexer.next();
    }
    if (!lexer.isName()) return lexer.error("a key");
    r.key = lexer.take();
    if (!negated)
      if (auto wrong = parseOperator(lexer, r)) return *wrong;
    if (auto wrong = wrongRequirement(r); !wrong.empty())
      return Error{"bad selector '" + shortened(text) + "': " + wrong};
    selector.requirements_.push_back(std::move(r));
    if (lexer.done()) return selector;
    if (lexer.word() != ",")
      return lexer.error("',' or an operator (" + std::string(operators) + ")");
    if (selector.requirements_.size() == mostRequirements)
      return lexer.error("no more than 256 requirements");
    lexer.next();
  }
}

Result<Selector> Selector::parseFields(const std::string& text) {
  auto bad = [&](const std::string& why) {
    return Error{"bad field selector '" + shortened(text) + "': " + why};
  };
  if (text.size() > mostText) return bad("longer than 16384 bytes");
  Selector selector;
  std::string_view rest = text;
  if (rest.find_first_not_of(" \t\r\n") == rest.npos) return selector;
  for (;;) {
    size_t end = std::min(rest.find_first_of(",=!"), rest.size());
    auto words = split(rest.substr(0, end), '\n');
    rest.remove_prefix(end);
    if (words.empty() && rest.starts_with("!")) return bad("only = and != compare fields");
    if (words.empty())
      return bad(rest.empty() ? "expected a field at its end"
                              : "expected a field at '" + std::string(rest) + "'");
    Requirement r{words[0], Operator::in, {}};
    if (rest.starts_with("!=")) {
      r.op = Operator::notIn;
      rest.remove_prefix(2);
    } else if (rest.starts_with("=")) {
      rest.remove_prefix(rest.starts_with("==") ? 2 : 1);
    } else {
      return bad("only = and != compare fields");
    }
    std::vector<std::string_view> names;
    for (const FieldRow& row : fieldRows) names.push_back(row.name);
    if (std::find(names.begin(), names.end(), r.key) == names.end())
      return unknown("field", r.key, nearest(r.key, names));
    auto value = takeFieldValue(rest);
    if (!value) return bad("in a value, '=' and '\\' need a backslash before them");
    r.values.push_back(*value);
    selector.requirements_.push_back(std::move(r));
    if (rest.empty()) return selector;
    if (selector.requirements_.size() == mostRequirements) return bad("more than 256 requirements");
    rest.remove_prefix(1);
  }
}

bool Selector::matches(const Lookup& lookup) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& r) { return r.holds(lookup(r.key)); });
}

bool Selector::matchesLabels(const Labels& labels) const {
  return matches([&](const std::string& key) -> std::optional<std::string> {
    auto found = labels.find(key);
    if (found == labels.end()) return {};
    return found->second;
  });
}

bool Selector::matchesFields(const Container& container, const std::string& node) const {
  return matches([&](const std::string& key) -> std::optional<std::string> {
    for (const FieldRow& row : fieldRows)
      if (key == row.name) return row.get(container, node);
    return {};
  });
}

std::string labelText(const Requirement& r) {
  switch (r.op) {
    case Operator::in:
    case Operator::notIn:
      if (r.values.size() == 1) return r.key + (r.op == Operator::in ? "=" : "!=") + r.values[0];
      return r.key + (r.op == Operator::in ? " in (" : " notin (") + join(r.values, ",") + ")";
    case Operator::exists:
      return r.key;
    case Operator::absent:
      return "!" + r.key;
    case Operator::greater:
      return r.key + ">" + r.values[0];
    case Operator::less:
      return r.key + "<" + r.values[0];
  }
  return {};
}

std::string fieldText(const Requirement& r) {
  return r.key + (r.op == Operator::in ? "=" : "!=") + escapeField(r.values[0]);
}

}  // namespace swoll
