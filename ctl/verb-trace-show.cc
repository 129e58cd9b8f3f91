// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <set>

#include "base/escape.h"
#include "base/time-text.h"
#include "ctl/client.h"
#include "ctl/ledger.h"
#include "ctl/output.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

std::string timeText(int64_t ns) {
  time_t seconds = ns / 1'000'000'000;
  tm local{};
  localtime_r(&seconds, &local);
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &local);
  return text;
}

// Lines of "key: value", values one below the other. Leaves out what is empty.
class Lines {
 public:
  void add(const char* key, const std::string& value) {
    if (value.empty()) return;
    std::string label = std::string(key) + ':';
    label.resize(std::max<size_t>(label.size() + 1, 20), ' ');
    text_ += label + printable(value) + '\n';
  }
  // 0 is "not asked for".
  void addNumber(const char* key, uint64_t value) {
    if (value > 0) add(key, std::to_string(value));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// By the words of its YAML.
void addSpec(Lines& lines, schema::TraceSpec::Reader spec) {
  lines.add("syscalls", joined(spec.getSyscalls()));
  lines.add("processes", joined(spec.getProcesses()));
  lines.add("label selector", spec.getLabelSelector().cStr());
  lines.add("field selector", spec.getFieldSelector().cStr());
  lines.add("namespace", spec.getNamespace().cStr());
  lines.add("pod", spec.getPod().cStr());
  lines.add("container", spec.getContainer().cStr());
  lines.addNumber("pidns", spec.getPidns());
  lines.add("unit", spec.getUnit().cStr());
  lines.add("host", spec.getHost() ? "yes" : "");
  lines.addNumber("pid", spec.getPid());
  lines.add("cgroup", spec.getCgroup().cStr());
  lines.add("host selector", joined(spec.getHostSelector()));
  lines.add("add containers", joined(spec.getAddContainers()));
  lines.add("remove containers", joined(spec.getRemoveContainers()));
  lines.add("comm", spec.getComm().cStr());
  lines.add("uid", spec.getUid() < 0 ? "" : std::to_string(spec.getUid()));
  lines.add("errno", joined(spec.getErrno()));
  lines.add("min latency", spec.getMinLatency() == 0 ? "" : formatDuration(spec.getMinLatency()));
  lines.add("sample rate",
            spec.getSampleRate() <= 1 ? "" : "one of " + std::to_string(spec.getSampleRate()));
  for (auto arg : spec.getArgs())
    lines.add("args", std::string(arg.getName().cStr()) + "=" + arg.getGlob().cStr());
  lines.add("rate", spec.getRate() == 0 ? "" : std::to_string(spec.getRate()) + "/s");
  lines.add("duration", spec.getDuration() == 0 ? "" : formatDuration(spec.getDuration()));
  lines.add("journal", spec.getJournal() ? "yes" : "no");
}

std::string nameOf(schema::ContainerName::Reader container) {
  std::string name;
  for (auto part : {container.getNamespace(), container.getPod(), container.getName()})
    if (part.size()) name += (name.empty() ? "" : "/") + std::string(part.cStr());
  std::string id = container.getId().cStr();
  return name.empty() ? id : name + " " + id;
}

// Those that it matches, then those that it did.
void addContainers(Lines& lines, schema::Trace::Reader trace) {
  std::set<std::string> now;
  for (auto container : trace.getMatched()) {
    now.insert(container.getId().cStr());
    lines.add("  matches", nameOf(container));
  }
  auto ever = trace.getMatchedEver();
  for (auto container : ever)
    if (!now.contains(container.getId().cStr())) lines.add("  matched", nameOf(container));
  if (trace.getContainersEver() > ever.size())
    lines.add("  matched", "and " + std::to_string(trace.getContainersEver() - ever.size()) +
                               " more that were not written down");
}

std::string describe(schema::Trace::Reader trace) {
  Lines lines;
  lines.add("name", trace.getSpec().getName().cStr());
  lines.add("state", stateName(trace.getState()));
  lines.add("reason", trace.getReason().cStr());
  addSpec(lines, trace.getSpec());
  lines.add("created", timeText(trace.getCreated()));
  lines.add("age", formatDuration(trace.getAge()));
  lines.add("remaining", trace.getRemaining() == 0 ? "" : formatDuration(trace.getRemaining()));
  lines.add("origin", trace.getOrigin().cStr());
  lines.add("owner", std::to_string(trace.getOwner()));
  lines.add("streams", std::to_string(trace.getStreams()));
  lines.add("containers", std::to_string(trace.getContainers().size()) + " now, " +
                              std::to_string(trace.getContainersEver()) + " ever");
  addContainers(lines, trace);
  auto ledger = trace.getLedger();
  for (const LedgerLine& line : ledgerLines(ledger))
    lines.add(line.name.c_str(), std::to_string(line.count));
  lines.add("in flight", std::to_string(ledger.getInFlight()));
  return lines.text();
}

}  // namespace

Action defineTraceShow(CLI::App& command) {
  auto name = kj::heap<std::string>();
  command.add_option("name", *name, "The trace")->required();
  return [name = kj::mv(name)](const Globals& globals) -> int {
    Client client(globals.socket);
    auto request = client.api().getTraceRequest();
    request.setName(name->c_str());
    auto answer = client.wait(request.send());
    auto trace = answer.getTrace();
    print(globals.format == Format::json   ? toJson(trace) + '\n'
          : globals.format == Format::yaml ? toYaml(trace)
                                           : describe(trace));
    return success;
  };
}

}  // namespace swoll::ctl
