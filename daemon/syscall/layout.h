// SPDX-License-Identifier: Apache-2.0
// The structures that calls read and fill: rows of schema/structs.def. Offsets follow from the
// members' sizes as the ABI aligns them, so one row serves 64-bit and 32-bit calls.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syscall/arg-kind.h"

namespace swoll {

struct Member {
  const char* name;  // empty: not shown (padding), or the one value of a row that is no structure
  ArgKind kind;
  uint8_t width;         // bytes of one element; 0: those of a long
  const char* set = "";  // flags, enumeration: a set of schema/flags.def; structure: a row
  uint16_t count = 1;    // elements
  bool shown = true;
  uint8_t bitShift = 0, bitSize = 0;  // of a number that several share, lowest bits first; 0: alone
  bool over = false;                  // begins where the one before it does: members of a union
  // What it points to: a string, or as many elements as the member of index lengthOf says.
  bool points = false;
  ArgKind pointee = ArgKind::text;
  int8_t lengthOf = -1;
  uint16_t pointeeSize = 1;
  Condition only = {};  // when it is shown; `of` is a member that stands before it, or itself
  bool orSet = false;   // or when it is not 0
};

struct Layout {
  const char* name;
  std::initializer_list<Member> members;
  bool packed = false;     // without alignment, in the native ABI
  const char* order = "";  // "b a": the members that are shown, where those are not all in order
};

// A member where an ABI has it.
struct Placed {
  const Member* member;
  uint16_t offset;
  uint16_t width;  // of one element
};
struct Placement {
  std::vector<Placed> members;
  std::vector<uint16_t> order;  // in which members are shown
  uint16_t size = 0;
  uint16_t align = 1;
};

// The row of that name, null when there is none. `compat`: that of the 32-bit ABI, where it has one
// of its own ("NAME@i386"). Rows live forever.
const Layout* findLayout(std::string_view name, bool compat = false);
std::span<const Layout> allLayouts();
// `compat`: the 32-bit ABI of this machine.
const Placement& placement(const Layout& layout, bool compat);

}  // namespace swoll
