// SPDX-License-Identifier: Apache-2.0
// What a value is, whether it stands in a register or in memory: how it is shown.
#pragma once

#include <cstdint>

#include "base/few.h"

namespace swoll {

enum class ArgKind : uint8_t {
#define KIND(id) id,
#include "syscall/arg-kinds.def"
#undef KIND
};

// When a value is there at all: another number, under the mask, is (or with `other`, is not) one of
// these. Without values it is always there.
struct Condition {
  int8_t of = -1;  // index of the register or member
  uint64_t mask = ~0ull;
  Few<uint64_t, 8> values = {};
  bool other = false;

  bool holds(uint64_t number) const {
    return values.empty() || values.contains(number & mask) != other;
  }
};

}  // namespace swoll
