// SPDX-License-Identifier: Apache-2.0
#include "ctl/apply-files.h"
#include "ctl/verb.h"

namespace swoll::ctl {

Action defineTraceApply(CLI::App& command) {
  auto options = kj::heap<ApplyFiles>();
  options->replace = true;
  command
      .add_option("-f,--file", options->path,
                  "Traces as YAML: a file, a folder of *.yaml, or - for standard input")
      ->type_name("FILE")
      ->required();
  command.add_flag("--persist", options->persist, "Keep them over restarts of swolld");
  command.add_flag("--dry-run", options->dryRun, "Say what would be done, and do nothing");
  command.footer(
      "Adds traces that are not there, replaces those that differ, and leaves the others as they "
      "are. All of them or none.");
  return
      [options = kj::mv(options)](const Globals& globals) { return applyFiles(*options, globals); };
}

}  // namespace swoll::ctl
