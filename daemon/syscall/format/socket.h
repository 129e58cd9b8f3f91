// SPDX-License-Identifier: Apache-2.0
// Control messages: what their bytes are (schema/sockopts.def).
#pragma once

#include <cstdint>

#include "syscall/arg-kind.h"

namespace swoll {

struct ControlRow {
  uint32_t level, type;
  ArgKind kind;
  const char* layout = "";
  bool array = false;
};

// Null when there is none.
const ControlRow* findControl(uint32_t level, uint32_t type);

}  // namespace swoll
