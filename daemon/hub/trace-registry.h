// SPDX-License-Identifier: Apache-2.0
// Adds, changes and removes traces, and tells what each has come to. A resource of the hub's; all
// that it is given is borrowed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "containers/topology.h"
#include "hub/arrivals.h"
#include "hub/clock.h"
#include "hub/rule-installer.h"
#include "hub/sink-list.h"
#include "hub/trace-table.h"
#include "trace/kernel.h"

namespace swoll {

// What adding a spec would do, checked. A value.
struct TraceChange {
  enum class Kind { added, changed, unchanged };
  CompiledTrace compiled;
  Kind kind = Kind::added;
  // Of a trace that was kept while the daemon was not there.
  int64_t created = 0;   // ns since 1970; 0: now
  uint64_t elapsed = 0;  // ns of its duration that are over
  std::optional<uint32_t> owner = {};
};

class TraceRegistry {
 public:
  // Where a path of the cgroup tree is now; id 0 when there is no such directory.
  using FindCgroup = std::function<CgroupAt(const std::string&)>;

  TraceRegistry(KernelCounters& kernel, const Clock& clock, const Topology& nodes, Planner& planner,
                TraceTable& traces, RuleInstaller& rules, Arrivals& arrivals, SinkList& sinks);

  void setMostTraces(size_t most) { mostTraces = most; }
  void setFindCgroup(FindCgroup find);
  // Names that no trace gets by itself, though none has them.
  void setReserved(std::function<bool(const std::string&)> names) { isReserved = std::move(names); }

  // Bad input is an error and changes nothing.
  Result<const Trace*> add(TraceSpec spec, uint32_t owner);
  // Several at once, all or nothing: prepare() checks, commit() can't fail. With `replace`, a trace
  // whose name is taken takes that one's place, and one that says the same is left as it is.
  // `mayWait`: a cgroup may come to be later.
  Result<std::vector<TraceChange>> prepare(std::vector<TraceSpec> specs, bool replace,
                                           bool mayWait = false) const;
  std::vector<const Trace*> commit(std::vector<TraceChange> changes, uint32_t owner);
  // The trace's last state. All that was captured for it has gone to its sinks.
  Result<std::unique_ptr<Trace>> remove(const std::string& name);
  // One container more or less, see container-edit.h. Only whose calls are wanted changes: the
  // trace keeps its number, rules and counts.
  Result<const Trace*> addContainer(const std::string& name, const std::string& reference);
  Result<const Trace*> removeContainer(const std::string& name, const std::string& reference);
  // The ids of containers that a spec would match now.
  Result<std::vector<std::string>> wouldMatch(TraceSpec spec) const;

  const TraceTable::Map& all() const { return traces.all(); }
  Result<const Trace*> find(const std::string& name) const;
  // With all ways to lose, see SinkList.
  Ledger ledger(const Trace& trace) const;
  // Losses of traces that are gone; the living ones have their own.
  Ledger pastLedger() const;
  std::vector<const KnownContainer*> matched(const Trace& trace) const;
  std::vector<const Trace*> tracesOf(const KnownContainer& container) const;

  // For the hub. Ends traces that have run their time.
  void tick(uint64_t now);
  void tellDue(uint64_t ticked, const DueBy& by) const;
  // This node has another name, which hostSelectors speak of.
  void renamed();
  // From then on there are no traces.
  void end();

 private:
  std::string makeName(const std::set<std::string>& taken) const;
  Result<CompiledTrace> compile(const TraceSpec& spec, bool mayWait) const;
  Trace& commit(TraceChange& change, Trace* old, uint32_t owner);
  Result<const Trace*> change(const std::string& name, const std::string& reference, bool add);
  void start(Trace& trace);
  void restart(Trace& trace);
  void forget(Trace& trace);
  bool followCgroups();

  KernelCounters& kernel;
  const Clock& clock;
  const Topology& nodes;
  Planner& planner;
  TraceTable& traces;
  RuleInstaller& rules;
  Arrivals& arrivals;
  SinkList& sinks;
  Ledger past;
  size_t mostTraces = 1000;
  FindCgroup findCgroup;
  std::function<bool(const std::string&)> isReserved;
  uint64_t cgroupsSeen = 0;  // ns since boot
  bool hasEnded = false;
};

}  // namespace swoll
