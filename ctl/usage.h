// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace swoll::ctl {

// What is wrong with a command line that CLI11 refused, with the nearest valid word where one was
// mistyped, and where to read more. One line.
std::string explainUsage(const CLI::App& app, const CLI::ParseError& error);

}  // namespace swoll::ctl
