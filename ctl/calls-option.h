// SPDX-License-Identifier: Apache-2.0
// -s, the calls that a verb is about: the same words wherever it stands.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace swoll::ctl {

// Given twice, the lists are joined.
inline void addCallsOption(CLI::App& command, std::string& calls) {
  command
      .add_option("-s,--syscalls", calls,
                  "Comma list of calls, groups and classes (@Files, @Network), 'all', and !CALL to "
                  "take one away")
      ->type_name("CALLS")
      ->join(',');
}

}  // namespace swoll::ctl
