// SPDX-License-Identifier: Apache-2.0
// A value in strace's words. Formats use it for what strace spells from parts.
#pragma once

#include <string>

#include "event/event.h"
#include "event/value.h"

namespace swoll {

// `truncated`: it was longer than what is here.
std::string straceText(const Value& value, bool truncated = false);

// Of `strace -f -tt`: who and when, before what happened.
std::string straceLine(const Event& event, const std::string& what);

}  // namespace swoll
