// SPDX-License-Identifier: Apache-2.0
// What a verb is. Each has a row in verbs.def, and a file of its own that defines the function that
// is named there.
#pragma once

#include <kj/function.h>

#include <CLI/CLI.hpp>
#include <string>

namespace swoll::ctl {

enum class Format { text, json, strace, yaml };

// The options that all verbs share.
struct Globals {
  std::string socket;
  Format format = Format::text;
  bool color = false;
};

// Does what a parsed command line asks for; the result is the exit status.
using Action = kj::Function<int(const Globals&)>;

// Adds a verb's own options and arguments to its command. The action owns what they are parsed
// into, so it must live while the command is parsed.
using Define = Action(CLI::App& command);

#define VERB(parent, name, help, define, ...) extern Define define;
#define GROUP(...)
#include "ctl/verbs.def"
#undef VERB
#undef GROUP

}  // namespace swoll::ctl
