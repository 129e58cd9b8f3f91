// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

std::string labelText(capnp::List<schema::Label>::Reader labels) {
  std::vector<std::string> texts;
  for (auto label : labels) {
    texts.push_back(std::string(label.getKey().cStr()) + '=' + label.getValue().cStr());
  }
  return join(texts, ",");
}

// A runtime's id by the first 12 of its 64 digits, as its own tools show it; JSON has all.
std::string shortId(const std::string& id) {
  constexpr size_t runtimeId = 64, shown = 12;
  return id.size() == runtimeId ? id.substr(0, shown) : id;
}

std::string table(capnp::List<schema::Container>::Reader containers) {
  Table table({{"NAMESPACE"},
               {"POD"},
               {"CONTAINER"},
               {"ID"},
               {"PHASE"},
               {"PID", true},
               {"PIDNS", true},
               {"MOUNTNS", true},
               {"CGROUP", true},
               {"SOURCE"},
               {"TRACES"},
               {"LABELS"}});
  for (auto container : containers) {
    auto ref = container.getRef();
    table.row({ref.getNamespace().cStr(), ref.getPod().cStr(), ref.getName().cStr(),
               shortId(ref.getId().cStr()), container.getPhase().cStr(),
               std::to_string(ref.getPid()), std::to_string(ref.getPidns()),
               std::to_string(container.getMountns()), std::to_string(container.getCgroupId()),
               container.getSource().cStr(), joined(container.getTraces()),
               labelText(ref.getLabels())});
  }
  return table.text();
}

}  // namespace

Action defineContainers(CLI::App& command) {
  auto units = kj::heap<bool>(false);
  command.add_flag("--units", *units, "systemd's units as well: services and scopes of the host");
  return [units = kj::mv(units)](const Globals& globals) -> int {
    Client client(globals.socket);
    auto request = client.api().containersRequest();
    request.setUnits(*units);
    auto answer = client.wait(request.send());
    auto containers = answer.getContainers();
    print(globals.format == Format::json ? toJson(containers) + '\n' : table(containers));
    return success;
  };
}

}  // namespace swoll::ctl
