// SPDX-License-Identifier: Apache-2.0
// Structures whose members are shown by name: rows of (member, offset, size, how).
#pragma once

#include <string_view>

#include "core/value.h"

namespace swoll {

// The members that lie wholly in `bytes`: a caller may have an older, shorter structure.
// An unknown layout is shown as bytes.
Value decodeStruct(std::string_view layout, std::string_view bytes);

}  // namespace swoll
