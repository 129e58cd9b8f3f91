// SPDX-License-Identifier: Apache-2.0
// The command line of swolld.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "service/config.h"

namespace swoll {

struct Options {
  std::string file = "/etc/swoll/swolld.conf";
  bool fileGiven = false;
  bool checkOnly = false;
  std::vector<std::pair<const ConfigKey*, std::string>> flags;  // that win over the file

  // File and flags together, anew at each reload. A file that was not asked for may be absent.
  Result<Config> config() const;
};

// What to do, or the status to exit with after --help, --version (0) or wrong usage (2).
std::variant<Options, int> parseOptions(int argc, char** argv);

}  // namespace swoll
