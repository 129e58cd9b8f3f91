// SPDX-License-Identifier: Apache-2.0
// What can stand where the cursor is, for a shell's completion: `swollctl complete WORD...` prints
// the candidates for the last word, a line each. Everything comes from the commands as they are
// defined and from the table of system calls.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace swoll::ctl {

// `words` are those behind the tool's name; the last may be empty.
std::vector<std::string> completions(const CLI::App& app, std::vector<std::string> words);

}  // namespace swoll::ctl
