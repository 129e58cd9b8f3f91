// SPDX-License-Identifier: Apache-2.0
// From a checked record to an event, by the rows of the table.
#pragma once

#include "event/event.h"
#include "event/record.h"
#include "syscall/syscall-table.h"

namespace swoll {

// The container is not filled in: that is the topology's knowledge.
Event decode(const Record& record, ClockBase base);

// One argument alone, for filters on arguments and for tests.
// `next` is the share of the argument behind it.
Argument decodeArgument(const Record& record, const Arg& arg, size_t index,
                        Share next = Share::own);

}  // namespace swoll
