// SPDX-License-Identifier: Apache-2.0
// Brings to the kernel what is planned, keeps the hooks on while there is anything, and tries again
// what failed. A resource of the hub's; all that it is given is borrowed.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/backoff.h"
#include "hub/clock.h"
#include "hub/trace-table.h"
#include "trace/kernel.h"
#include "trace/planner.h"
#include "trace/rule-table.h"

namespace swoll {

// Takes a time by which something is to be done, in ns since boot.
using DueBy = std::function<void(uint64_t)>;

class RuleInstaller {
 public:
  RuleInstaller(const Kernel& kernel, const Clock& clock, Planner& planner, TraceTable& traces);

  // Who is told, from then on, that there may be something to do sooner than was said.
  void setOnSooner(std::function<void()> call) { onSooner = std::move(call); }
  void sooner() const;

  // What has changed since the last time, and what found no room then.
  void apply();
  // A scope that the kernel has written by itself.
  void claim(Scope scope);
  // The kernel has forgotten all rules, or never had them: gives it all anew.
  void reinstall();
  // Takes back numbers, and forgets who was replaced once no record can come for them.
  void recycle();
  // Whether apply() is to be tried again.
  bool retry(uint64_t now);
  void tellDue(uint64_t ticked, const DueBy& by) const;

  // Whose events a record's route is for; null for a number that is not in use.
  const RouteKey* route(RouteId id) const { return rules->route(id); }
  // The same for records that are kept.
  std::shared_ptr<const RouteKey> shareRoute(RouteId id) const { return rules->shareRoute(id); }
  // What the kernel has counted of a trace that runs and has not been told of yet.
  void addCounts(const Trace& trace, Ledger& to) const;

  // For status.
  size_t ruleCount() const { return rules->ruleCount(); }
  size_t writes() const { return rules->writes(); }
  bool isCounting() const { return planner.isCounting(); }
  // Whether a container that begins is waited for, and why the kernel does not tell of it.
  bool awaitsNewcomers() const { return planner.awaitsNewcomers(); }
  const std::optional<std::string>& newcomersProblem() const { return rules->newcomersProblem(); }

 private:
  RuleTable::Clock::time_point now() const;
  void noteProblems(const std::string& noRoom);
  void setAttached(bool on);
  void settle(const RouteKey& key, const swoll_route_counts& final);

  const Kernel kernel;
  const Clock& clock;
  Planner& planner;
  TraceTable& traces;
  std::function<void()> onSooner;
  std::optional<RuleTable> rules;      // there from reinstall() on; optional, to be made anew
  uint64_t applied = 0;                // ns since boot
  bool isAttached = false;             // hooks are asked for
  std::optional<std::string> problem;  // why not all that is wanted is in the kernel
  Retry rulesRetry, watchRetry;
};

}  // namespace swoll
