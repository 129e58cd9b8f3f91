// SPDX-License-Identifier: Apache-2.0
// Containers that start: what the kernel shows of new cgroups, who they are, and what becomes of
// the calls that came before anybody knew. A resource of the hub's; all that it is given is
// borrowed.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "containers/topology.h"
#include "counts/call-stats.h"
#include "event/record.h"
#include "hub/clock.h"
#include "hub/hub-counters.h"
#include "hub/newcomers.h"
#include "hub/router.h"
#include "hub/rule-installer.h"
#include "trace/kernel.h"
#include "trace/planner.h"

namespace swoll {

// Tells whose a new cgroup is.
class Namer {
 public:
  virtual ~Namer() = default;
  // Never blocks. The answer comes with a later Hub::setContainers().
  virtual void resolve(const NewCgroup& cgroup) = 0;
};

class Arrivals {
 public:
  Arrivals(const Kernel& kernel, const Clock& clock, Topology& nodes, CallStats& stats,
           Planner& planner, RuleInstaller& rules, Router& router, HubCounters& counts);

  // Borrowed; none: containers are known by Hub::setContainers() alone.
  void setNamer(Namer* newNamer) { namer = newNamer; }

  // The kernel has shown a cgroup. Runs within drain(), wherever that is called: touches this one
  // scope alone.
  void announce(const Newcomer& newcomer);
  // A record of one that may have no name yet.
  void accept(const Record& record, const void* data, size_t size);
  // Who one of them is.
  void resolved(const Resolution& resolution);
  void nameThese(const TopologyChanges& changes);
  // Nobody waits for them any more, if nobody does.
  void giveUpUnawaited();
  void giveUpAll() { giveUp(newcomers.all()); }
  void giveUpOverdue();

  // Cgroups and calls of containers not named yet that the kernel had no room for.
  uint64_t lost() const;
  size_t waiting() const { return newcomers.waiting(); }
  bool isWaiting(uint64_t cgroup) const { return newcomers.find(cgroup) != nullptr; }

 private:
  void name(uint64_t id, Newcomers::Answer answer);
  std::deque<Newcomers::Held> settle(uint64_t id, const Newcomers::Answer& answer);
  void giveUp(const std::vector<uint64_t>& ids);
  Newcomers::Answer answerFor(ContainerHandle handle) const;
  Newcomers::Answer hostAnswer(const std::string& cgroupPath) const;
  void handOn(Newcomers::Held& held, const Newcomers::Answer& answer);

  const Kernel kernel;
  const Clock& clock;
  Topology& nodes;
  CallStats& stats;
  Planner& planner;
  RuleInstaller& rules;
  Router& router;
  HubCounters& counts;
  Namer* namer = nullptr;
  Newcomers newcomers;
};

}  // namespace swoll
