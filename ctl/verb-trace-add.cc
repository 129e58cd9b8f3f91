// SPDX-License-Identifier: Apache-2.0
#include <capnp/message.h>

#include <string_view>

#include "ctl/apply-files.h"
#include "ctl/client.h"
#include "ctl/errors.h"
#include "ctl/spec-options.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct AddOptions {
  SpecOptions spec;
  std::string file;
  bool persist = false;
};

// A file says all of a trace: what else was given would be lost.
void wantNothingElse(const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    bool goesWithFile = option->check_lname("file") || option->check_lname("persist") ||
                        option->check_lname("dry-run");
    if (option->count() > 0 && !goesWithFile)
      throw UsageError("with --file, the file says what to trace: leave out " + option->get_name());
  }
}

int addOne(const AddOptions& options, const Globals& globals) {
  capnp::MallocMessageBuilder message;
  auto spec = message.initRoot<schema::TraceSpec>();
  options.spec.fill(spec);

  Client client(globals.socket);
  auto request = client.api().addTraceRequest();
  request.setSpec(spec.asReader());
  request.setDryRun(options.spec.dryRun());
  request.setPersist(options.persist);
  auto answer = client.wait(request.send());
  printAdded(answer.getTrace(), options.spec.dryRun(), globals.format);
  return success;
}

}  // namespace

Action defineTraceAdd(CLI::App& command) {
  auto options = kj::heap<AddOptions>();
  options->spec.define(command);
  command
      .add_option("-f,--file", options->file,
                  "Traces as YAML, instead of options: a file, or - for standard input")
      ->type_name("FILE");
  command.add_flag("--persist", options->persist, "Keep it over restarts of swolld");
  return [options = kj::mv(options), &command](const Globals& globals) -> int {
    if (options->file.empty()) return addOne(*options, globals);
    wantNothingElse(command);
    return applyFiles(
        {.path = options->file, .persist = options->persist, .dryRun = options->spec.dryRun()},
        globals);
  };
}

}  // namespace swoll::ctl
