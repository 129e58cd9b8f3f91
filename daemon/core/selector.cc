// SPDX-License-Identifier: Apache-2.0
#include "core/selector.h"

#include <algorithm>

#include "core/text.h"

namespace swoll {
namespace {

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

// Cuts a selector to words: names, and each of , ( ) = == != !
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
  Error error(const std::string& wanted) const {
    return {"bad selector '" + text + "': expected " + wanted +
            (done() ? " at its end" : " at '" + text.substr(start) + "'")};
  }

 private:
  static bool isMark(char c) { return std::string_view(",()=!").find(c) != std::string_view::npos; }

  const std::string& text;
  size_t at = 0, start = 0;
  std::string current;
};

// What Kubernetes lets stand in a key; so "a>1", which is not served here, is an error.
bool isKey(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/';
  });
}

}  // namespace

bool Selector::Requirement::holds(const std::optional<std::string>& value) const {
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
  }
  return false;
}

Result<Selector> Selector::parse(const std::string& text) {
  Selector selector;
  Lexer lexer(text);
  if (lexer.done()) return selector;
  for (;;) {
    Requirement r{"", Operator::exists, {}};
    bool negated = lexer.word() == "!";
    if (negated) lexer.next();
    if (!lexer.isName() || !isKey(lexer.word())) return lexer.error("a key");
    r.key = lexer.word();
    lexer.next();
    const std::string op = lexer.word();
    if (negated) {
      r.op = Operator::absent;
    } else if (op == "=" || op == "==" || op == "!=") {
      r.op = op == "!=" ? Operator::notIn : Operator::in;
      lexer.next();
      // An empty value is a value: "a=" asks for a label that is there and empty.
      r.values.push_back(lexer.isName() ? lexer.word() : "");
      if (lexer.isName()) lexer.next();
    } else if (op == "in" || op == "notin") {
      r.op = op == "in" ? Operator::in : Operator::notIn;
      lexer.next();
      if (lexer.word() != "(") return lexer.error("'('");
      do {
        lexer.next();
        r.values.push_back(lexer.isName() ? lexer.word() : "");
        if (lexer.isName()) lexer.next();
      } while (lexer.word() == ",");
      if (lexer.word() != ")") return lexer.error("',' or ')'");
      lexer.next();
    }
    selector.requirements.push_back(r);
    if (lexer.done()) return selector;
    if (lexer.word() != ",") return lexer.error("',' or an operator (=, !=, in, notin)");
    lexer.next();
  }
}

Result<Selector> Selector::parseLabels(const std::string& text) { return parse(text); }

Result<Selector> Selector::parseFields(const std::string& text) {
  auto parsed = parse(text);
  if (!parsed) return parsed;
  for (const Requirement& r : parsed->requirements) {
    if (r.op == Operator::exists || r.op == Operator::absent || r.values.size() != 1)
      return Error{"bad field selector '" + text + "': only = and != compare fields"};
    std::vector<std::string_view> names;
    for (const FieldRow& row : fieldRows) names.push_back(row.name);
    if (std::find(names.begin(), names.end(), r.key) == names.end())
      return unknown("field", r.key, nearest(r.key, names));
  }
  return parsed;
}

bool Selector::matches(const Lookup& lookup) const {
  return std::all_of(requirements.begin(), requirements.end(),
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

}  // namespace swoll
