// SPDX-License-Identifier: Apache-2.0
// Traces from YAML to the daemon, for `trace add -f` and `trace apply`.
#pragma once

#include <string>

#include "ctl/verb.h"

namespace swoll::ctl {

struct ApplyFiles {
  std::string path;  // a file, a folder of *.yaml, or "-"
  bool replace = false, persist = false, dryRun = false;
};

// All of them or, with a Failure, none. Prints each trace's name, and what became of it where
// traces may be replaced.
int applyFiles(const ApplyFiles& what, const Globals& globals);

}  // namespace swoll::ctl
