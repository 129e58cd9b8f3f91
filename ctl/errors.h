// SPDX-License-Identifier: Apache-2.0
// How the tool fails. Each is one line for stderr and an exit status; main() alone catches them.
#pragma once

#include <kj/exception.h>

#include <stdexcept>
#include <string>

namespace swoll::ctl {

enum ExitStatus { success = 0, failed = 1, usage = 2, unreachable = 3 };

// The command line asks for something that can't be meant.
struct UsageError : std::runtime_error {
  using runtime_error::runtime_error;
};

// The daemon can't be talked to.
struct Unreachable : std::runtime_error {
  using runtime_error::runtime_error;
};

// The operation did not succeed.
struct Failure : std::runtime_error {
  using runtime_error::runtime_error;
};

// What went wrong in the daemon's words: without KJ's prefixes, files, lines and contexts.
std::string reason(const kj::Exception& exception);

// Prints "swollctl: MESSAGE", as one line of printable text.
void complain(const std::string& message);

}  // namespace swoll::ctl
