// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/errors.h"
#include "ctl/output.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct RmOptions {
  std::vector<std::string> names;
  bool all = false;
};

std::vector<std::string> allNames(Client& client) {
  std::vector<std::string> names;
  auto answer = client.wait(client.api().listTracesRequest().send());
  for (auto trace : answer.getTraces()) names.emplace_back(trace.getSpec().getName().cStr());
  return names;
}

// What was removed as a line of text or a JSON object; nothing when it could not be, which is
// reported. Without the daemon there is no use in trying the next one.
kj::Maybe<std::string> remove(Client& client, const std::string& name, Format format) {
  auto request = client.api().removeTraceRequest();
  request.setName(name.c_str());
  using Removed = kj::Maybe<std::string>;
  auto removed = request.send().then(
      [&](auto answer) -> Removed {
        std::string origin = answer.getTrace().getOrigin().cStr();
        if (origin.starts_with("/"))
          complain("'" + name + "' stands in " + origin +
                   ", and is back at swolld's next start or reload unless the file goes");
        return format == Format::json ? toJson(answer.getTrace()) : printable(name);
      },
      [](kj::Exception&& error) -> Removed {
        if (error.getType() == kj::Exception::Type::DISCONNECTED) {
          kj::throwFatalException(kj::mv(error));
        }
        complain(reason(error));
        return nullptr;
      });
  return client.wait(kj::mv(removed));
}

int run(const RmOptions& options, const Globals& globals) {
  if (options.all != options.names.empty()) {
    throw UsageError("'trace rm' takes either names or --all");
  }
  Client client(globals.socket);
  auto names = options.all ? allNames(client) : options.names;
  std::vector<std::string> removed;
  for (const auto& name : names) {
    KJ_IF_MAYBE (shown, remove(client, name, globals.format)) removed.push_back(*shown);
  }
  if (globals.format == Format::json) {
    printLine('[' + join(removed, ",") + ']');
  } else {
    for (const auto& name : removed) printLine(name);
  }
  return removed.size() == names.size() ? success : failed;
}

}  // namespace

Action defineTraceRm(CLI::App& command) {
  auto options = kj::heap<RmOptions>();
  command.add_option("names", options->names, "The traces to remove");
  command.add_flag("--all", options->all, "Remove every trace");
  return [options = kj::mv(options)](const Globals& globals) { return run(*options, globals); };
}

}  // namespace swoll::ctl
