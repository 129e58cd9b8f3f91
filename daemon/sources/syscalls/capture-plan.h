// SPDX-License-Identifier: Apache-2.0
// What the kernel reads of each call, from the rows of the table.
#pragma once

#include <span>

#include "bpf/abi.h"
#include "syscall/syscall-table.h"

namespace swoll {

// What structures point to; the plans have indexes into it.
std::span<const swoll_pointee> pointeeTable();

swoll_call_plan capturePlan(CallId call);
// That of a call in one of its meanings.
swoll_call_plan variantPlan(CallId call, const Variant& variant);

}  // namespace swoll
