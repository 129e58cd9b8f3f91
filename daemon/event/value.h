// SPDX-License-Identifier: Apache-2.0
// A decoded argument. Every renderer (JSON, text, strace's syntax, Cap'n Proto) walks this one
// shape, so a new kind of argument needs no change in any of them. Values; they own their bytes.
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
struct Hex {
  uint64_t value;
};  // a number that people write in hexadecimal; not a pointer
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

// A pointer to one number or other single thing, shown as that: strace's "[5]".
struct Pointed {
  std::vector<Value> inner;  // one
};
// Something that strace spells in its own way: "htons(80)", "makedev(0x8, 0x1)", "[INT CHLD]".
struct Form {
  std::vector<Value> inner;  // one: what it is
  std::string strace;
};

struct Value : std::variant<std::monostate, Signed, Unsigned, Address, Octal, Hex, Bytes, Symbol,
                            Flags, List, Fields, Pointed, Form> {
  using variant::variant;
};

struct Field {
  std::string name;
  Value value;
};

// In place of a C type: a number of nanoseconds.
inline constexpr const char* durationType = "ns";

// One argument of a call, with what is known of how truly it was read.
struct Argument {
  std::string_view name;  // these two live in the table or in the message they came from
  std::string_view type;
  uint64_t raw = 0;  // the register
  Value value;
  bool faulted = false;     // not all of its memory could be read: value is what was there of it,
                            // or else the address
  bool truncated = false;   // cut
  uint64_t fullLength = 0;  // bytes, or elements of a list; 0: not known
  bool atExit = false;      // an input that could only be read when the call ended
  Value after = {};         // of what the call changes: what it was at the end; none otherwise
  Value target = {};        // what a descriptor stands for, where a relative path leads; or none
};

}  // namespace swoll
