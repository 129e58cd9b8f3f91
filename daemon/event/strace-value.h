// SPDX-License-Identifier: Apache-2.0
// A value in strace's words. Formats use it for what strace spells from parts.
#pragma once

#include <string>

#include "event/value.h"

namespace swoll {

// `truncated`: it was longer than what is here.
std::string straceText(const Value& value, bool truncated = false);

}  // namespace swoll
