// SPDX-License-Identifier: Apache-2.0
#include "base/time-text.h"
#include "ctl/client.h"
#include "ctl/ledger.h"
#include "ctl/output.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

std::string table(capnp::List<schema::Trace>::Reader traces) {
  Table table({{"NAME"},
               {"STATE"},
               {"CALLS"},
               {"NOW", true},
               {"EVER", true},
               {"SEEN", true},
               {"DELIVERED", true},
               {"LOST", true},
               {"AGE", true}});
  for (auto trace : traces) {
    auto ledger = trace.getLedger();
    table.row({trace.getSpec().getName().cStr(), stateName(trace.getState()),
               wantedText(trace.getSpec()), std::to_string(trace.getContainers().size()),
               std::to_string(trace.getContainersEver()), std::to_string(ledger.getMatched()),
               std::to_string(ledger.getDelivered()), std::to_string(lostEvents(ledger)),
               formatDuration(trace.getAge())});
  }
  return table.text();
}

}  // namespace

Action defineTraceLs(CLI::App& command) {
  command.footer("NOW and EVER count the containers that a trace matches and has matched.");
  return [](const Globals& globals) -> int {
    Client client(globals.socket);
    auto answer = client.wait(client.api().listTracesRequest().send());
    auto traces = answer.getTraces();
    if (globals.format == Format::yaml) {
      std::string text;
      for (auto trace : traces) text += (text.empty() ? "" : "---\n") + toYaml(trace);
      print(text);
    } else {
      print(globals.format == Format::json ? toJson(traces) + '\n' : table(traces));
    }
    return success;
  };
}

}  // namespace swoll::ctl
