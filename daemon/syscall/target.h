// SPDX-License-Identifier: Apache-2.0
// What descriptors stand for and where relative paths lead, from what the kernel programs saw at
// the moment of the call (bpf/syscalls/target.h). As fields: `kind` and, of a file, `path` as
// /proc/PID/fd/N shows it, `inode`, `device`, `rdev` of a device, `truncated`; of a socket
// `family`, `type`, `protocol`, `inode` and the addresses `local` and `peer`.
#pragma once

#include <string_view>

#include "event/record.h"
#include "event/value.h"
#include "syscall/syscall-table.h"

namespace swoll {

// Of a block's bytes; none where they are not those of a target.
Value targetOf(std::string_view bytes);

// Gives an argument its target, if there is one. `row` is what it was decoded by, `before` the row
// of the argument just before it (null for the first), `reg` its register.
void addTarget(const Record& record, const Arg& row, const Arg* before, size_t reg, Argument& arg);

// What a new descriptor stands for.
Value resultTarget(const Record& record);

}  // namespace swoll
