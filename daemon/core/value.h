// SPDX-License-Identifier: Apache-2.0
// A decoded argument. Every renderer (JSON, text, Cap'n Proto) walks this one shape, so a new kind
// of argument needs no change in any of them. Values; they own their bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace swoll {

struct Value;

struct Signed {
  int64_t value;
};
struct Unsigned {
  uint64_t value;
};
struct Address {
  uint64_t value;
};  // 0 is NULL
struct Octal {
  uint64_t value;
};
struct Bytes {
  std::string value;
};  // any bytes, without a terminator
struct Symbol {
  std::string value;
};  // "AF_INET", "AT_FDCWD"
struct Flags {
  std::vector<std::string> names;
};  // unknown bits as one "0x..."
struct List {
  std::vector<Value> items;
};
struct Field;
struct Fields {
  std::vector<Field> fields;
};

struct Value : std::variant<std::monostate, Signed, Unsigned, Address, Octal, Bytes, Symbol, Flags,
                            List, Fields> {
  using variant::variant;
};

struct Field {
  std::string name;
  Value value;
};

// One argument of a call, with what is known of how truly it was read.
struct Argument {
  std::string_view name;  // these two live in the table or in the message they came from
  std::string_view type;
  uint64_t raw = 0;  // the register
  Value value;
  bool faulted = false;     // its memory could not be read; value is the address
  bool truncated = false;   // cut
  uint64_t fullLength = 0;  // bytes, or elements of a list; 0: not known
  bool atExit = false;      // an input that could only be read when the call ended
};

}  // namespace swoll
