// SPDX-License-Identifier: Apache-2.0
// What a verb is. Each verb has a file of its own, which defines one of the functions below, and a
// row in main.cc.
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
using Define = Action (*)(CLI::App& command);

Action defineTraceAdd(CLI::App& command);
Action defineTraceApply(CLI::App& command);
Action defineTraceAddContainer(CLI::App& command);
Action defineTraceRemoveContainer(CLI::App& command);
Action defineTraceRm(CLI::App& command);
Action defineTraceLs(CLI::App& command);
Action defineTraceShow(CLI::App& command);
Action defineTraceTail(CLI::App& command);
Action defineTraceRun(CLI::App& command);
Action defineTail(CLI::App& command);
Action defineContainers(CLI::App& command);
Action defineSyscalls(CLI::App& command);
Action defineStatus(CLI::App& command);
Action defineStats(CLI::App& command);
Action defineTop(CLI::App& command);

}  // namespace swoll::ctl
