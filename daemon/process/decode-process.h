// SPDX-License-Identifier: Apache-2.0
// From a checked record of a process to an event, and to a line of strace's.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/kind.h"
#include "event/record.h"
#include "syscall/decode.h"

namespace swoll {

// The container is not filled in: that is the topology's knowledge.
Event decodeProcess(const Record& record, ClockBase base);

// What events of these types tell.
void addProcessFactNames(std::set<std::string_view>& names, const TypeSet& types);

// As strace tells it: "+++ exited with 0 +++", "--- SIGTERM {...} ---", an execve. Without a
// newline.
std::string renderProcessStrace(const Event& event);

}  // namespace swoll
