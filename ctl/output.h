// SPDX-License-Identifier: Apache-2.0
// What verbs print: tables for people, JSON for programs.
#pragma once

#include <capnp/dynamic.h>

#include <string>
#include <vector>

namespace swoll::ctl {

// Columns as wide as their widest cell. A value.
class Table {
 public:
  struct Column {
    const char* heading;
    bool right = false;  // for numbers
  };

  explicit Table(std::vector<Column> columns);

  // One cell a column. Whatever is not printable is escaped; an empty cell shows as "-".
  void row(std::vector<std::string> cells);

  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Any message as JSON: the schema's field names, enumerations by name, of a union the member that
// is set, a structure that is absent as null. Numbers are numbers, also those above 2^53.
std::string toJson(capnp::DynamicValue::Reader value);

// Prints text to stdout. Throws Failure when it can't be written; when the reader has gone, nobody
// wants the rest, and it is left.
void print(const std::string& text);
void printLine(const std::string& text);

}  // namespace swoll::ctl
