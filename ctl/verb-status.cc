// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"
#include "base/time-text.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

std::string summary(schema::Status::Reader status) {
  auto ring = status.getRing();
  std::string text = "swolld " + std::string(status.getVersion().cStr()) + ", up " +
                     formatDuration(status.getUptime()) + ", Linux " + status.getKernel().cStr() +
                     ' ' + status.getArch().cStr();
  text = printable(text) + '\n';
  text += std::to_string(status.getTraces()) + " traces, " +
          std::to_string(status.getContainers()) + " containers, " +
          std::to_string(status.getRules()) + " rules, " + std::to_string(status.getClients()) +
          " clients; hooks on system calls " +
          (status.getAttached() ? "attached" : "not attached") + '\n';
  text += "ring of " + std::to_string(ring.getBytes()) +
          " bytes: " + std::to_string(ring.getRecords()) + " records read, " +
          std::to_string(ring.getFull()) + " found no room\n";
  return text;
}

std::string parts(capnp::List<schema::Status::Part>::Reader parts) {
  Table table({{"PART"}, {"STATE"}, {"DETAIL"}});
  for (auto part : parts) {
    table.row({part.getName().cStr(), part.getOk() ? "ok" : "degraded", part.getDetail().cStr()});
  }
  return table.text();
}

std::string losses(capnp::List<schema::Status::Counter>::Reader losses) {
  Table table({{"LOSS"}, {"EVENTS", true}, {"MEANING"}});
  for (auto loss : losses) {
    table.row({loss.getName().cStr(), std::to_string(loss.getValue()), loss.getHelp().cStr()});
  }
  return table.text();
}

}  // namespace

Action defineStatus(CLI::App&) {
  return [](const Globals& globals) -> int {
    Client client(globals.socket);
    auto answer = client.wait(client.api().statusRequest().send());
    auto status = answer.getStatus();
    if (globals.format == Format::json) {
      printLine(toJson(status));
    } else {
      print(summary(status) + '\n' + parts(status.getParts()) + '\n' + losses(status.getLosses()));
    }
    return success;
  };
}

}  // namespace swoll::ctl
