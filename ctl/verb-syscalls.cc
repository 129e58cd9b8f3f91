// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

using Syscalls = capnp::List<schema::Syscall>::Reader;
using Response = capnp::Response<schema::Swoll::SyscallsResults>;

std::string numberText(schema::Syscall::Reader call) {
  std::vector<std::string> numbers;
  for (auto number : call.getNumbers()) {
    numbers.push_back(std::string(number.getArch().cStr()) + ':' +
                      std::to_string(number.getValue()));
  }
  return join(numbers, " ");
}

// "int dirfd, const char *pathname".
std::string argumentText(schema::Syscall::Reader call) {
  std::vector<std::string> args;
  for (auto arg : call.getArgs()) {
    std::string type = arg.getType().cStr();
    if (!type.empty() && type.back() != '*') type += ' ';
    args.push_back(type + arg.getName().cStr());
  }
  return join(args, ", ");
}

std::string table(Syscalls calls) {
  Table table({{"NAME"}, {"CLASS"}, {"GROUP"}, {"NUMBERS"}, {"ARGUMENTS"}});
  for (auto call : calls) {
    table.row({call.getName().cStr(), call.getClass().cStr(), call.getGroup().cStr(),
               numberText(call), argumentText(call)});
  }
  return table.text();
}

Response find(Client& client, const std::string& pattern) {
  auto request = client.api().syscallsRequest();
  request.setPattern(pattern.c_str());
  return client.wait(request.send());
}

std::string nearestName(Client& client, const std::string& pattern) {
  auto all = find(client, "");
  std::vector<std::string_view> known;
  for (auto call : all.getSyscalls()) {
    for (auto name : {call.getName(), call.getClass(), call.getGroup()}) {
      known.emplace_back(name.cStr());
    }
  }
  return nearest(pattern, known);
}

int run(const std::string& pattern, const Globals& globals) {
  Client client(globals.socket);
  auto answer = find(client, pattern);
  auto calls = answer.getSyscalls();
  if (calls.size() == 0 && !pattern.empty()) {
    auto meant = nearestName(client, pattern);
    throw Failure("no system call, class or group matches '" + pattern + '\'' +
                  (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
  }
  print(globals.format == Format::json ? toJson(calls) + '\n' : table(calls));
  return success;
}

}  // namespace

Action defineSyscalls(CLI::App& command) {
  auto pattern = kj::heap<std::string>();
  command.add_option("pattern", *pattern, "Glob of the name, the class or the group");
  return [pattern = kj::mv(pattern)](const Globals& globals) { return run(*pattern, globals); };
}

}  // namespace swoll::ctl
