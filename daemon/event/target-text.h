// SPDX-License-Identifier: Apache-2.0
// What a descriptor stands for, much as `strace -yy` prints it between < and >.
#pragma once

#include <string>

#include "event/value.h"

namespace swoll {

// A target's fields (value.h, Argument::target) as one short printable text without < and >:
// "/etc/passwd", "TCP:[127.0.0.1:4455->127.0.0.1:80]", "UNIX-STREAM:[/run/x.sock]", "socket:[99]".
std::string targetText(const Value& target);

}  // namespace swoll
