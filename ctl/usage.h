// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace swoll::ctl {

// What is wrong with a command line that CLI11 refused, with the nearest valid word where one was
// mistyped, and where to read more. One line.
std::string explainUsage(const CLI::App& app, const CLI::ParseError& error);

// The options of a command and of those around it, which it takes as well; none that --help hides.
std::vector<std::string> optionNames(const CLI::App& app);

}  // namespace swoll::ctl
