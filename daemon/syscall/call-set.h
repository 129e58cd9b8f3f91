// SPDX-License-Identifier: Apache-2.0
// A set of calls as users write it: "openat", "sys_openat", "@Files", "@Network", "all", "!close".
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "event/kind.h"
#include "syscall/syscall-table.h"

namespace swoll {

// Words are taken in order, so "@Files,!close" is the files without close; a list that only takes
// away starts from all. An empty list, an empty result and an unknown word are errors.
Result<TypeSet> parseCalls(const std::vector<std::string>& words);

}  // namespace swoll
