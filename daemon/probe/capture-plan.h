// SPDX-License-Identifier: Apache-2.0
// What the kernel reads of each call, from the rows of the table.
#pragma once

#include "bpf/abi.h"
#include "core/syscall-table.h"

namespace swoll {

swoll_call_plan capturePlan(const Syscall& call);

}  // namespace swoll
