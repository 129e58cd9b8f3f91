// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself.
#include <sys/utsname.h>

#include "app/daemon.h"

namespace swoll {
namespace {

struct PartRow {
  const char* name;
  bool ok;
  std::string detail;
};

struct DropRow {
  const char* name;
  uint64_t Ledger::*member;
  const char* help;
};
// The loss ledger of all traces together.
const DropRow dropRows[] = {
    {"ringFull", &Ledger::ringFull, "the kernel's ring buffer had no room: raise ring-bytes"},
    {"stateMissing", &Ledger::stateMissing, "the kernel had no memory for a call's state"},
    {"undecodable", &Ledger::undecodable, "a record was malformed"},
    {"clientBehind", &Ledger::clientBehind, "a client did not keep up with its stream"},
    {"journalSkipped", &Ledger::journalSkipped, "the journal refused, or its limit was reached"},
    {"rateLimited", &Ledger::rateLimited, "a trace's limit of events per second was reached"},
};

}  // namespace

void Daemon::fill(schema::Status::Builder status) {
  hub.drain();
  utsname host{};
  uname(&host);
  status.setVersion(SWOLL_VERSION);
  status.setUptime(clock.sinceBoot() - started);
  status.setKernel(host.release);
  status.setArch(host.machine);

  Snapshot seen = observer->latest();
  const PartRow parts[] = {
      {"probe", !probeProblem,
       probeProblem.value_or(hub.attached() ? "attached to system calls"
                                            : "loaded, not attached: no trace needs it")},
      {"cri", seen.cri.ok, seen.cri.detail},
      {"proc", seen.proc.ok, seen.proc.detail},
      {"journal", journal.ok(), journal.detail()},
  };
  auto wireParts = status.initParts(std::size(parts));
  for (size_t i = 0; i < std::size(parts); i++) {
    wireParts[i].setName(parts[i].name);
    wireParts[i].setOk(parts[i].ok);
    wireParts[i].setDetail(parts[i].detail);
  }

  size_t shown = 0;
  for (const auto& [handle, known] : hub.topology().containers())
    shown += !known.hidden && !known.info.isUnit();
  status.setTraces(hub.traces().size());
  status.setContainers(shown);
  status.setRules(hub.ruleCount());
  status.setAttached(hub.attached());
  status.setClients(listener.clients());

  Ledger sum = hub.pastLedger();
  for (const auto& [id, trace] : hub.traces()) sum.add(hub.ledger(*trace));
  auto ring = status.initRing();
  ring.setBytes(probe.ringBytes());
  ring.setRecords(hub.counters().records);
  ring.setFull(sum.ringFull);

  auto drops = status.initDrops(std::size(dropRows) + 2);
  for (size_t i = 0; i < std::size(dropRows); i++) {
    drops[i].setName(dropRows[i].name);
    drops[i].setValue(sum.*dropRows[i].member);
    drops[i].setHelp(dropRows[i].help);
  }
  auto malformed = drops[std::size(dropRows)];
  malformed.setName("malformedRecords");
  malformed.setValue(hub.counters().malformed);
  malformed.setHelp("records that did not parse, with or without a trace");
  auto refused = drops[std::size(dropRows) + 1];
  refused.setName("refusedClients");
  refused.setValue(listener.refused());
  refused.setHelp("connections beyond the limit");
}

}  // namespace swoll
