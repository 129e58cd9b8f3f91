// SPDX-License-Identifier: Apache-2.0
// The hot path: from a record to the sinks, and what became of it to each trace's ledger.
//
// Two routes may bring one record to one trace: that of the container and that of a pid namespace.
// The trace is asked once all the same, so that its sampler and its limit have one turn for each
// event, and of the two that the kernel has counted as matched one is taken back. What the kernel
// itself has dropped on one of the routes is in that one's counts, and no record tells of it.
//
// A resource of the hub's; all that it is given is borrowed.
#pragma once

#include <optional>
#include <vector>

#include "containers/topology.h"
#include "event/record.h"
#include "hub/clock.h"
#include "hub/hub-counters.h"
#include "hub/rule-installer.h"
#include "hub/sink-list.h"
#include "hub/trace-table.h"

namespace swoll {

class Router {
 public:
  Router(const TraceTable& traces, const RuleInstaller& rules, const Planner& planner,
         const Topology& nodes, const SinkList& sinks, const Clock& clock, HubCounters& counts);

  // To the traces of its routes.
  void route(const Record& record);
  // One that waited: to the traces of its second route, if it has one, and to those that want what
  // its cgroup did (null: none).
  void routeLate(const Record& record, const RouteKey* second, const TraceSet* wanted);
  // Of which only the head makes sense.
  void noteUndecodable(const Record& record);
  // Before a record that began then: clocks that were read long before it are read again.
  void keepTime(uint64_t start) {
    if (start > clocksRead + clocksHold) readClocks();
  }
  void readClocks();

 private:
  static constexpr uint64_t clocksHold = 1'000'000'000;  // ns

  // A trace to which one or two routes bring the record at hand, and what these say of it together.
  // A value.
  struct Asked {
    Trace* trace = nullptr;
    bool isWanted = false;   // of such calls, by its present spec
    bool isTested = false;   // the kernel has tested all of its present filters
    bool isSampled = false;  // and the kernel has sampled
  };

  bool gather(const Record& record);
  void bring(const RouteKey& key, const Record& record);
  bool bring(TraceId id, Trace& trace, bool isExact, const Record& record);
  void bringWanted(const TraceSet& wanted, const Record& record);
  bool stillWants(const Trace& trace, const CompiledTrace& old, const Record& record) const;
  void ask(const Record& record);
  std::optional<Outcome> refusal(const Asked& one, const Record& record);
  void deliver(const Record& record);

  const TraceTable& traces;
  const RuleInstaller& rules;
  const Planner& planner;
  const Topology& nodes;
  const SinkList& sinks;
  const Clock& clock;
  HubCounters& counts;
  std::vector<Asked> asked;     // of the record at hand; kept to spare allocations
  std::vector<Trace*> wanting;  // likewise: of those
  ClockBase clockBase;
  uint64_t clocksRead = 0;  // CLOCK_MONOTONIC; lately, as an event sees it: they drift far slower
};

}  // namespace swoll
