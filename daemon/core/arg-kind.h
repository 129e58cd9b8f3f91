// SPDX-License-Identifier: Apache-2.0
// What a value is, whether it stands in a register or in memory: how it is shown.
#pragma once

#include <cstdint>

namespace swoll {

enum class ArgKind : uint8_t {
#define KIND(id) id,
#include "core/arg-kinds.def"
#undef KIND
};

}  // namespace swoll
