// SPDX-License-Identifier: Apache-2.0
#include <capnp/message.h>

#include "ctl/client.h"
#include "ctl/spec-options.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {

Action defineTraceAdd(CLI::App& command) {
  auto options = kj::heap<SpecOptions>();
  options->define(command);
  return [options = kj::mv(options)](const Globals& globals) -> int {
    capnp::MallocMessageBuilder message;
    auto spec = message.initRoot<schema::TraceSpec>();
    options->fill(spec);

    Client client(globals.socket);
    auto request = client.api().addTraceRequest();
    request.setSpec(spec.asReader());
    request.setDryRun(options->dryRun());
    auto answer = client.wait(request.send());
    printAdded(answer.getTrace(), options->dryRun(), globals.format);
    return success;
  };
}

}  // namespace swoll::ctl
