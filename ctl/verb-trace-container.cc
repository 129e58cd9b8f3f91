// SPDX-License-Identifier: Apache-2.0
// `trace add-container` and `trace remove-container`: one container more or less.
#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct ContainerOptions {
  std::string trace, container;

  void define(CLI::App& command) {
    command.add_option("name", trace, "The trace")->required();
    command
        .add_option("container", container,
                    "POD/CONTAINER, NAMESPACE/POD/CONTAINER, or an id or its beginning")
        ->required();
  }
};

template <typename Request>
Action define(CLI::App& command, Request (*make)(Client&)) {
  auto options = kj::heap<ContainerOptions>();
  options->define(command);
  command.footer("Whatever the trace's selectors say.");
  return [options = kj::mv(options), make](const Globals& globals) -> int {
    Client client(globals.socket);
    auto request = make(client);
    request.setTrace(options->trace.c_str());
    request.setContainer(options->container.c_str());
    auto answer = client.wait(request.send());
    auto trace = answer.getTrace();
    if (globals.format == Format::json) {
      printLine(toJson(trace));
    } else {
      auto count = trace.getContainers().size();
      printLine(printable(options->trace) + " matches " + std::to_string(count) +
                (count == 1 ? " container" : " containers") + " now");
    }
    return success;
  };
}

}  // namespace

Action defineTraceAddContainer(CLI::App& command) {
  return define<decltype(std::declval<schema::Swoll::Client>().addContainerRequest())>(
      command, [](Client& client) { return client.api().addContainerRequest(); });
}

Action defineTraceRemoveContainer(CLI::App& command) {
  return define<decltype(std::declval<schema::Swoll::Client>().removeContainerRequest())>(
      command, [](Client& client) { return client.api().removeContainerRequest(); });
}

}  // namespace swoll::ctl
