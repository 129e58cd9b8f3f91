// SPDX-License-Identifier: Apache-2.0
#include "ctl/client.h"
#include "ctl/follow.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct TailOptions : FollowOptions {
  std::vector<std::string> names;
  bool fromNow = true;
};

}  // namespace

Action defineTraceTail(CLI::App& command) {
  auto options = kj::heap<TailOptions>();
  options->define(command);
  // For who writes it: a stream has nothing else.
  command.add_flag("--from-now", options->fromNow,
                   "Only events from now on, which is all that there are");
  command.add_option("names", options->names, "The traces to follow; all when none is named");
  return [options = kj::mv(options)](const Globals& globals) -> int {
    holdSignals();
    Client client(globals.socket);
    auto printer = options->printer(globals);
    follow(client, printer, [&](schema::EventSink::Client sink) {
      auto request = client.api().tailRequest();
      auto traces = request.initTraces(unsigned(options->names.size()));
      for (unsigned i = 0; i < traces.size(); ++i) traces.set(i, options->names[i].c_str());
      request.setSink(kj::mv(sink));
      return request.send().then([](auto answer) { return answer.getSubscription(); });
    });
    return success;
  };
}

}  // namespace swoll::ctl
