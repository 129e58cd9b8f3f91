// SPDX-License-Identifier: Apache-2.0
// YAML as a tree, from text that nobody vouches for: without anchors, aliases and tags, which could
// make it larger than it is written, and with bounds on its size and depth.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace swoll {

inline constexpr size_t mostYaml = 1 << 20;  // bytes of a file

// A value.
struct YamlEntry;
struct YamlNode {
  enum class Kind { none, text, list, map };
  Kind kind = Kind::none;
  std::string text;
  bool quoted = false;
  int line = 0, column = 0;  // from 1
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
};

// Of a map: keys are texts, each there once.
struct YamlEntry {
  YamlNode key, value;
};

// The documents of a text; `file` is what errors call it: "FILE:LINE:COLUMN: ...".
Result<std::vector<YamlNode>> parseYaml(const std::string& file, std::string_view text);

// A text as YAML has it: quoted where it must be.
std::string yamlText(const std::string& text);

}  // namespace swoll
