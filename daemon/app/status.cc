// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself.
#include <sys/utsname.h>

#include "app/daemon.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

struct LossRow {
  const char* name;
  uint64_t Ledger::*member;
  const char* help;
};
// The loss ledger of all traces together.
const LossRow lossRows[] = {
    {"ringFull", &Ledger::ringFull, "the kernel's ring buffer had no room: raise ring-bytes"},
    {"stateMissing", &Ledger::stateMissing, "the kernel had no memory for a call's state"},
    {"undecodable", &Ledger::undecodable, "a record was malformed"},
    {"rateLimited", &Ledger::rateLimited, "a trace's limit of events per second was reached"},
};

}  // namespace

std::string Daemon::countsDetail() {
  if (!hub.rules().isCounting()) return "off";
  const CallCells& cells = hub.stats().source();
  return "every call of every container is counted; " + std::to_string(cells.used()) + " of " +
         std::to_string(cells.size()) + " cells in use" +
         (foldedPairs ? "; " + std::to_string(foldedPairs) +
                            " calls of containers are told together (max-series)"
                      : "");
}

std::string Daemon::configDetail() const {
  if (!configProblem.empty()) return configProblem + "; what was before holds";
  return config.file.empty() ? "no file was read: there is no " + options.file : config.file;
}

std::string Daemon::newcomersDetail() {
  if (const auto& problem = hub.rules().newcomersProblem())
    return *problem + "; what a container does before it is found is not traced; retrying";
  if (!hub.rules().awaitsNewcomers()) return "no trace waits for new containers";
  return "what a new container does first waits for its name";
}

// What can't be attached is no use, though it loads.
Snapshot::Part Daemon::hooksPart(const char* name, EventKind kind, const char* what) const {
  std::string problem = probeProblem.value_or(probe.hookProblem(kind));
  if (problem.empty()) problem = probe.missing(kind);
  if (!problem.empty()) return {name, false, problem};
  if (probe.sees(kind)) return {name, true, std::string("attached to ") + what};
  return {name, true, "not attached: no trace needs it"};
}

std::vector<Snapshot::Part> Daemon::parts() {
  bool serves = config.http.kind != ListenAddress::Kind::off;
  Snapshot seen = observer->latest();
  std::vector<Snapshot::Part> parts = {
      hooksPart("probe", EventKind::syscall, "system calls"),
      hooksPart("processes", EventKind::process, "processes"),
      {"newcomers", !hub.rules().newcomersProblem(), newcomersDetail()},
      {"metrics", true, countsDetail()},
      {"http", !serves || http.ok(), serves ? http.detail() : "off"},
      {"traces", book.ok(), book.detail()},
      {"config", configProblem.empty(), configDetail()},
  };
  std::vector<Snapshot::Part> ofSinks;
  for (const auto& sink : sinks) ofSinks.push_back({sink->name(), sink->ok(), sink->detail()});
  parts.insert(parts.begin() + 3, ofSinks.begin(), ofSinks.end());
  parts.insert(parts.end() - 2, seen.parts.begin(), seen.parts.end());
  return parts;
}

std::vector<LossCount> Daemon::losses() {
  const HubCounters& counters = hub.intake().counters();
  return {
      {"newcomersLost", hub.newcomers().lost(),
       "calls of containers that just started and had no name yet, or such containers, that the "
       "kernel had no room for"},
      {"newcomersFull", counters.newcomersFull,
       "calls of such containers that found no room to wait for the name"},
      {"newcomersUnnamed", counters.newcomersUnnamed,
       "new cgroups of which nobody said in time whose they are; what they did first is not "
       "traced, "
       "or under the cgroup's name alone"},
      {"cgroupsTooDeep", probe.cgroupsTooDeep(),
       "cgroups of containers, or that may be, 64 or more below the root: their calls are those of "
       "what they are in"},
      {"malformedRecords", counters.malformed,
       "records that did not parse, with or without a trace"},
      {"callsWithoutCell", calls(hub.stats().source().withoutCell()),
       "calls that are counted in no container's row, since [metrics] cells are all in use"},
      {"callsUncounted", hub.stats().source().uncounted(),
       "calls that could not be counted, for want of memory to keep their start in"},
      {"refusedClients", listener.refused(), "connections beyond the limit"},
      {"refusedHttp", http.refused(),
       "HTTP connections closed to make room for others, and replies that found none"},
  };
}

size_t Daemon::shownContainers() {
  size_t shown = 0;
  for (const auto& [handle, known] : hub.topology().containers())
    shown += !known.hidden && !known.info.isUnit();
  return shown;
}

void Daemon::fill(schema::Status::Builder status) {
  hub.intake().drain();
  utsname host{};
  uname(&host);
  status.setVersion(SWOLL_VERSION);
  status.setUptime(clock.sinceBoot() - started);
  status.setKernel(host.release);
  status.setArch(archName(hostArchs().front()));

  auto parts = this->parts();
  auto wireParts = status.initParts(parts.size());
  for (size_t i = 0; i < parts.size(); i++) {
    wireParts[i].setName(parts[i].name);
    wireParts[i].setOk(parts[i].ok);
    wireParts[i].setDetail(parts[i].detail);
  }

  status.setTraces(hub.traces().all().size());
  status.setContainers(shownContainers());
  status.setRules(hub.rules().ruleCount());
  status.setAttached(probe.sees(EventKind::syscall));
  status.setClients(listener.clients());

  Ledger sum = hub.traces().pastLedger();
  for (const auto& [id, trace] : hub.traces().all()) sum.add(hub.traces().ledger(*trace));
  auto ring = status.initRing();
  ring.setBytes(probe.ring().bytes());
  ring.setRecords(hub.intake().counters().records);
  ring.setFull(sum.ringFull);

  auto counts = losses();
  auto wireLosses = status.initLosses(std::size(lossRows) + sum.sinkLosses.size() + counts.size());
  size_t at = 0;
  auto say = [&](const std::string& name, uint64_t value, const char* help) {
    auto loss = wireLosses[at++];
    loss.setName(name);
    loss.setValue(value);
    loss.setHelp(help);
  };
  for (const LossRow& row : lossRows) say(row.name, sum.*row.member, row.help);
  for (const SinkLoss& of : sum.sinkLosses) say(lossKey(*of.cause), of.count, of.cause->help);
  for (const LossCount& row : counts) say(row.name, row.value, row.help);
}

}  // namespace swoll
