// SPDX-License-Identifier: Apache-2.0
#include "trace/files/yaml-node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <sstream>

#include "base/escape.h"

namespace swoll {
namespace {

constexpr size_t mostNodes = 100'000, mostDepth = 16;

// Ends the parser from within its callbacks.
struct Refused {
  YAML::Mark mark;
  std::string text;
};

class Builder final : public YAML::EventHandler {
 public:
  std::vector<YamlNode> documents;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put(node(mark, "", anchor, YamlNode::Kind::none));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark, "anchors and aliases are not taken"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode made = node(mark, tag, anchor, YamlNode::Kind::text);
    made.text = value;
    made.quoted = tag == "!";
    bool null = value == "~" || value == "null" || value == "Null" || value == "NULL";
    if (!made.quoted && null) made.kind = YamlNode::Kind::none;
    put(std::move(made));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, node(mark, tag, anchor, YamlNode::Kind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, node(mark, tag, anchor, YamlNode::Kind::map));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // that waits for its value
  };

  YamlNode node(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                YamlNode::Kind kind) {
    if (anchor) throw Refused{mark, "anchors and aliases are not taken"};
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{mark, "tags are not taken"};
    if (++nodes > mostNodes) throw Refused{mark, "more than 100000 values"};
    YamlNode made;
    made.kind = kind;
    made.line = mark.line + 1, made.column = mark.column + 1;
    return made;
  }
  void open(const YAML::Mark& mark, YamlNode made) {
    if (stack.size() == mostDepth) throw Refused{mark, "nested deeper than 16 levels"};
    stack.push_back({std::move(made), {}});
  }
  void close() {
    YamlNode made = std::move(stack.back().node);
    stack.pop_back();
    put(std::move(made));
  }
  void put(YamlNode made) {
    if (stack.empty()) {
      documents.push_back(std::move(made));
      return;
    }
    Open& in = stack.back();
    if (in.node.kind == YamlNode::Kind::list) {
      in.node.items.push_back(std::move(made));
    } else if (in.key) {
      in.node.entries.push_back({std::move(*in.key), std::move(made)});
      in.key.reset();
    } else {
      YAML::Mark mark;
      mark.line = made.line - 1, mark.column = made.column - 1;
      if (made.kind != YamlNode::Kind::text) throw Refused{mark, "a key must be a text"};
      for (const auto& [key, value] : in.node.entries)
        if (key.text == made.text)
          throw Refused{mark, "key '" + shortened(made.text) + "' is there twice"};
      if (in.node.entries.size() == mostEntries) throw Refused{mark, "more than 1024 keys"};
      in.key = std::move(made);
    }
  }

  static constexpr size_t mostEntries = 1024;
  std::vector<Open> stack;
  size_t nodes = 0;
};

std::string place(const std::string& file, int line, int column) {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

}  // namespace

Result<std::vector<YamlNode>> parseYaml(const std::string& file, std::string_view text) {
  if (text.size() > mostYaml) return Error{file + ": larger than 1 MiB"};
  if (!isUtf8(text) || text.find('\0') != text.npos) return Error{file + ": not UTF-8 text"};
  Builder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
  } catch (const Refused& refused) {
    return Error{place(file, refused.mark.line + 1, refused.mark.column + 1) + refused.text};
  } catch (const YAML::Exception& error) {
    return Error{place(file, error.mark.line + 1, error.mark.column + 1) + error.msg};
  }
  return std::move(builder.documents);
}

std::string yamlText(const std::string& text) {
  static const std::string_view others[] = {"true", "false", "yes", "no",  "on",
                                            "off",  "y",     "n",   "null"};
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || c == '/' || c == '_'; };
  bool plain =
      !text.empty() && isLetter(lower[0]) && std::all_of(lower.begin(), lower.end(), [&](char c) {
        return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  if (plain && std::find(std::begin(others), std::end(others), lower) == std::end(others))
    return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (uint8_t(c) < 0x20 || c == 0x7f) {
      char escaped[5];
      snprintf(escaped, sizeof escaped, "\\x%02X", unsigned(uint8_t(c)));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace swoll
