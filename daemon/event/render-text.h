// SPDX-License-Identifier: Apache-2.0
// An event as one line for people, much as strace prints it.
#pragma once

#include <string>

#include "event/event.h"

namespace swoll {

struct TextOptions {
  bool types = false;  // C types before the arguments' names
  bool color = false;  // the call bold, errors red
};

// One value as it stands there.
std::string valueText(const Value& value);

// Without a newline, and without any character that a terminal obeys except those of the colors:
// nothing that comes from a traced process or its container's names can steer the reader's screen.
//
// Marks: 3</etc/passwd> is a descriptor and what it stands for, 128=>16 was changed by the call,
// "abc"... was cut, "abc"@exit was read when the call had ended, 0x7ff...(faulted) could not
// be read. `openat[i386]` was made through that ABI on a host whose own is another.
std::string renderText(const Event& event, const TextOptions& options = {});

}  // namespace swoll
