// SPDX-License-Identifier: Apache-2.0
#include "rpc/convert-trace.h"

#include <algorithm>

#include "rpc/convert-event.h"

namespace swoll {
namespace {

// In a user's words: of what is a matter of the kernel's memory the structure or "path".
const char* kindName(const Arg& arg) {
  static constexpr const char* names[] = {
#define KIND(id, ...) #id,
#include "syscall/arg-kinds.def"
#undef KIND
  };
  if (arg.op == SWOLL_OP_string) return arg.isPath ? "path" : "string";
  if (arg.kind == ArgKind::structure) return arg.set;
  return names[size_t(arg.kind)];
}

schema::Trace::State toWire(TraceState state) {
  switch (state) {
    case TraceState::running:
      return schema::Trace::State::RUNNING;
    case TraceState::expired:
      return schema::Trace::State::EXPIRED;
    case TraceState::failed:
      break;
  }
  return schema::Trace::State::FAILED;
}

}  // namespace

void toWire(const ContainerName& container, schema::ContainerName::Builder wire) {
  wire.setId(container.id);
  wire.setNamespace(container.nameSpace);
  wire.setPod(container.pod);
  wire.setName(container.name);
}

void toWire(const Ledger& ledger, schema::Ledger::Builder wire) {
  wire.setMatched(ledger.matched);
  wire.setDelivered(ledger.delivered);
  wire.setFiltered(ledger.filtered);
  wire.setSampled(ledger.sampled);
  wire.setRateLimited(ledger.rateLimited);
  wire.setRingFull(ledger.ringFull);
  wire.setUndecodable(ledger.undecodable);
  wire.setStateMissing(ledger.stateMissing);
  wire.setInFlight(ledger.inFlight());
  auto losses = wire.initSinkLosses(ledger.sinkLosses.size());
  for (size_t i = 0; i < ledger.sinkLosses.size(); i++) {
    const auto& [cause, count] = ledger.sinkLosses[i];
    losses[i].setSink(cause->sink);
    losses[i].setCause(cause->cause);
    losses[i].setCount(count);
  }
}

void toWire(Hub& hub, const Trace& trace, uint64_t now, const std::string& origin,
            schema::Trace::Builder wire) {
  toWire(trace.spec(), wire.initSpec());
  wire.setState(toWire(trace.state));
  wire.setReason(trace.reason);
  wire.setCreated(trace.created);
  wire.setAge((trace.ended ? trace.ended : now) - trace.started);
  auto matched = hub.traces().matched(trace);
  auto ids = wire.initContainers(matched.size());
  auto names = wire.initMatched(matched.size());
  for (size_t i = 0; i < matched.size(); i++) {
    ids.set(i, matched[i]->info.id);
    toWire(nameOf(matched[i]->info), names[i]);
  }
  auto ever = wire.initMatchedEver(trace.seen.size());
  for (size_t i = 0; i < trace.seen.size(); i++) toWire(trace.seen[i], ever[i]);
  if (uint64_t duration = trace.spec().duration; duration && !trace.ended)
    wire.setRemaining(duration - std::min(duration, now - trace.started));
  wire.setOrigin(origin);
  wire.setContainersEver(trace.everCount);
  toWire(hub.traces().ledger(trace), wire.initLedger());
  wire.setOwner(trace.owner);
  wire.setStreams(hub.sinks().followers(trace));
}

void toWire(Hub& hub, const KnownContainer& known, schema::Container::Builder wire) {
  toWire(known.info, wire.initRef());
  wire.setSource(known.info.source);
  wire.setCgroupPath(known.info.cgroupPath);
  wire.setCgroupId(known.info.cgroupId);
  wire.setPhase(known.info.phase);
  wire.setMountns(known.info.mountNamespace);
  auto traces = hub.traces().tracesOf(known);
  auto names = wire.initTraces(traces.size());
  for (size_t i = 0; i < traces.size(); i++) names.set(i, traces[i]->name());
}

void toWire(const Syscall& call, schema::Syscall::Builder wire) {
  wire.setName(call.name);
  wire.setClass(call.klass);
  wire.setGroup(call.group);
  std::vector<Arch> archs;
  for (int arch = 0; arch < archCount; arch++)
    if (call.number[arch] >= 0) archs.push_back(Arch(arch));
  auto numbers = wire.initNumbers(archs.size());
  for (size_t i = 0; i < archs.size(); i++) {
    numbers[i].setArch(archName(archs[i]));
    numbers[i].setValue(call.number[size_t(archs[i])]);
  }
  auto args = wire.initArgs(call.args.size());
  for (size_t i = 0; i < call.args.size(); i++) {
    args[i].setName(call.args[i].name);
    args[i].setType(call.args[i].ctype);
    args[i].setKind(kindName(call.args[i]));
  }
}

}  // namespace swoll
