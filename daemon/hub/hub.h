// SPDX-License-Identifier: Apache-2.0
// The middle of everything: traces and containers come in, rules go to the kernel, records come
// back and are routed to the sinks of every trace that wants them, and each one is accounted for.
// A facade: each of its parts does one of these, and others ask for the part that they need.
//
// One thread. It knows the kernel, the sinks and the clock only by interface, so all of it runs
// in tests without root.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "containers/topology.h"
#include "counts/call-stats.h"
#include "hub/arrivals.h"
#include "hub/clock.h"
#include "hub/hub-counters.h"
#include "hub/intake.h"
#include "hub/router.h"
#include "hub/rule-installer.h"
#include "hub/sink-list.h"
#include "hub/trace-registry.h"
#include "hub/trace-table.h"
#include "trace/kernel.h"
#include "trace/planner.h"

namespace swoll {

class Hub {
 public:
  // What the kernel roles and the clock refer to outlives it.
  Hub(const Kernel& kernel, const Clock& clock);

  TraceRegistry& traces() { return registry; }
  SinkList& sinks() { return sinkList; }
  Intake& intake() { return way; }
  Arrivals& newcomers() { return arrivals; }
  RuleInstaller& rules() { return installer; }
  // Changed by setContainers() and setNodeSelector() alone.
  Topology& topology() { return nodes; }
  const CallStats& stats() const { return callStats; }

  // All that there are now, and who newcomers are: a container of those that is not in the list has
  // ended.
  void setContainers(const std::vector<Container>& now,
                     const std::vector<Resolution>& resolutions = {});
  void setNodeSelector(NodeSelector selector);
  // Whether every call of every container is counted.
  void setCounting(bool on);

  // The kernel has forgotten all rules, or never had them: gives it all anew.
  void reinstall();
  // Ends what has run its time, takes back numbers, tries again what failed.
  void tick();
  // When to call tick() next, in ns since boot; rules() tells when it may be sooner.
  uint64_t due() const;
  // Takes all rules out of the kernel, delivers what it still had, and ends every stream.
  void end(const std::string& reason);

 private:
  void changed(const TopologyChanges& changes);

  const Kernel kernel;
  const Clock& clock;
  HubCounters counts;
  Topology nodes;
  CallStats callStats;
  TraceTable table;
  SinkList sinkList;
  Planner planner;
  RuleInstaller installer;
  Router router;
  Arrivals arrivals;
  TraceRegistry registry;
  Intake way;
  uint64_t ticked = 0;     // ns since boot
  uint64_t cellsSeen = 0;  // when the counts were last tidied
};

}  // namespace swoll
