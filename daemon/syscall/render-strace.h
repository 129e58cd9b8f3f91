// SPDX-License-Identifier: Apache-2.0
// An event as one line of `strace -f -tt -T -o FILE` (strace 6.1), for people and programs that
// read those.
#pragma once

#include <string>

#include "event/event.h"

namespace swoll {

// Without a newline, and without any character that a terminal obeys. What strace can't say is left
// out: the container, the ABI, whether memory was read late, what descriptors stand for.
std::string renderStrace(const Event& event);

}  // namespace swoll
