// SPDX-License-Identifier: Apache-2.0
#include "ctl/client.h"
#include "ctl/follow.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct PathOptions : FollowOptions {
  std::string path;
};

}  // namespace

Action defineTail(CLI::App& command) {
  auto options = kj::heap<PathOptions>();
  options->define(command);
  command
      .add_option("path", options->path,
                  "NAMESPACE/POD/CONTAINER/CALL; each part is a glob, trailing parts may be left "
                  "out")
      ->required();
  return [options = kj::mv(options)](const Globals& globals) -> int {
    holdSignals();
    Client client(globals.socket);
    auto printer = options->printer(globals);
    follow(client, printer, [&](schema::EventSink::Client sink) {
      auto request = client.api().attachPathRequest();
      request.setPath(options->path.c_str());
      request.setSink(kj::mv(sink));
      return request.send().then([](auto answer) { return answer.getSubscription(); });
    });
    return success;
  };
}

}  // namespace swoll::ctl
