// SPDX-License-Identifier: Apache-2.0
// The middle of everything: traces and containers come in, rules go to the kernel, records come
// back and are routed to the sinks of every trace that wants them, and each one is accounted for.
//
// One thread. It knows the kernel, the sinks and the clock only by interface, so all of it runs
// in tests without root.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/decode.h"
#include "core/kernel-filter.h"
#include "core/record.h"
#include "core/rule-table.h"
#include "core/sink.h"
#include "core/topology.h"
#include "core/trace.h"

namespace swoll {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t sinceBoot() const = 0;  // CLOCK_BOOTTIME, ns
  virtual uint64_t monotonic() const = 0;  // CLOCK_MONOTONIC, ns
  virtual int64_t realTime() const = 0;    // CLOCK_REALTIME, ns
};

// Counts of the whole daemon.
struct HubCounters {
  uint64_t records = 0;
  uint64_t malformed = 0;  // records that did not parse
  uint64_t unrouted = 0;   // whose route nobody has: their traces were removed
};

class Hub {
 public:
  Hub(KernelFilter& kernel, const Clock& clock);

  // Bad input is an error and changes nothing.
  Result<const Trace*> add(TraceSpec spec, uint32_t owner);
  // Checks a spec as add() would; answers the ids of containers that it would match.
  Result<std::vector<std::string>> tryOut(TraceSpec spec) const;
  // The trace's last state. All that was captured for it has gone to its sinks.
  Result<std::unique_ptr<Trace>> remove(const std::string& name);

  const std::map<TraceId, std::unique_ptr<Trace>>& traces() const { return byId; }
  Result<const Trace*> find(const std::string& name) const;
  Ledger ledger(const Trace& trace) const;
  std::vector<const KnownContainer*> matched(const Trace& trace) const;
  std::vector<const Trace*> tracesOf(const KnownContainer& container) const;

  void setContainers(const std::vector<Container>& now);
  void setNodeSelector(NodeSelector selector);
  void setHostNamespaces(uint32_t pid, uint32_t mount) { nodes.setHostNamespaces(pid, mount); }
  const Topology& topology() const { return nodes; }

  // The sink is borrowed until detach().
  void attach(Sink& sink) { sinks.push_back(&sink); }
  void detach(Sink& sink) { std::erase(sinks, &sink); }
  // Takes all rules out of the kernel, delivers what it still had, and ends every stream.
  void end(const std::string& reason);
  size_t followers(const Trace& trace) const;

  // A record from the ring. Never throws on its content.
  void accept(const void* data, size_t size);
  // Ends what has run its time, takes back numbers, tries again what failed.
  void tick();
  // The kernel has forgotten all rules, or never had them: gives it all anew.
  void reinstall();
  // Losses of traces that are gone; the living ones have their own.
  const Ledger& pastLedger() const { return past; }
  // Everything that the kernel has captured so far, now.
  void drain() { kernel.drain(); }

  size_t ruleCount() const { return rules->ruleCount(); }
  size_t ruleWrites() const { return rules->writes(); }
  bool attached() const { return isAttached; }
  const HubCounters& counters() const { return counts; }

 private:
  std::string makeName() const;
  Result<CompiledTrace> compile(TraceSpec spec) const;
  void replan();
  void readClocks();
  void setAttached(bool on);
  Traces running() const;
  bool gather(const Record& record);
  bool userFilters(Trace& trace, const RouteKey& route, const Record& record);
  void deliver(const Record& record);
  void undecodable(const void* data, size_t size);
  void tellSinks(const Trace& ended);
  void settle(const RouteKey& route, const swoll_route_counts& counts);

  KernelFilter& kernel;
  const Clock& clock;
  Topology nodes;
  std::optional<RuleTable> rules;  // always there; optional, to be made anew
  Ledger past;
  std::map<TraceId, std::unique_ptr<Trace>> byId;
  std::map<std::string, TraceId> byName;
  TraceId lastId = 0;
  std::vector<Sink*> sinks;
  std::vector<Trace*> wanting;  // of the record at hand; kept to spare allocations
  HubCounters counts;
  ClockBase clockBase;  // as of the last tick: the clocks drift far slower
  bool hasEnded = false;
  bool isAttached = false;
  bool isComplete = true;  // all rules found room
};

}  // namespace swoll
