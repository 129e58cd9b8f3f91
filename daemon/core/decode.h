// SPDX-License-Identifier: Apache-2.0
// From a checked record to an event, by the rows of the table.
#pragma once

#include "core/event.h"
#include "core/record.h"
#include "core/syscall-table.h"

namespace swoll {

// `bootTime` is what CLOCK_REALTIME shows when CLOCK_BOOTTIME is 0, in ns. The container is not
// filled in: that is the topology's knowledge.
Event decode(const Record& record, int64_t bootTime);

// One argument alone, for filters on arguments and for tests.
Argument decodeArgument(const Record& record, const Arg& arg, size_t index);

}  // namespace swoll
