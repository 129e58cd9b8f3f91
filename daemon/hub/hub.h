// SPDX-License-Identifier: Apache-2.0
// The middle of everything: traces and containers come in, rules go to the kernel, records come
// back and are routed to the sinks of every trace that wants them, and each one is accounted for.
//
// One thread. It knows the kernel, the sinks and the clock only by interface, so all of it runs
// in tests without root.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "containers/topology.h"
#include "counts/call-stats.h"
#include "event/record.h"
#include "hub/newcomers.h"
#include "hub/sink.h"
#include "trace/kernel.h"
#include "trace/planner.h"
#include "trace/rule-table.h"
#include "trace/trace.h"

namespace swoll {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t sinceBoot() const = 0;  // CLOCK_BOOTTIME, ns
  virtual uint64_t monotonic() const = 0;  // CLOCK_MONOTONIC, ns
  virtual int64_t realTime() const = 0;    // CLOCK_REALTIME, ns
};

// Tells whose a new cgroup is.
class Namer {
 public:
  virtual ~Namer() = default;
  // Never blocks. The answer comes with a later Hub::setContainers().
  virtual void resolve(const NewCgroup& cgroup) = 0;
};

// Counts of the whole daemon.
struct HubCounters {
  uint64_t records = 0;
  uint64_t malformed = 0;         // records that did not parse
  uint64_t unrouted = 0;          // whose route nobody has: their traces were removed
  uint64_t newcomersFull = 0;     // records of containers not named yet, with no room to wait
  uint64_t newcomersUnnamed = 0;  // cgroups that got no answer in time, and their later records
};

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

class Hub {
 public:
  static constexpr size_t mostSeen = 256;  // containers that a trace remembers by name
  // Where a path of the cgroup tree is now; id 0 when there is no such directory.
  using FindCgroup = std::function<CgroupAt(const std::string&)>;

  Hub(const Kernel& kernel, const Clock& clock);

  // Bad input is an error and changes nothing.
  Result<const Trace*> add(TraceSpec spec, uint32_t owner);
  // Several at once, all or nothing: prepare() checks, commit() can't fail. With `replace`, a trace
  // whose name is taken takes that one's place, and one that says the same is left as it is.
  // `mayWait`: a cgroup may come to be later.
  Result<std::vector<TraceChange>> prepare(std::vector<TraceSpec> specs, bool replace,
                                           bool mayWait = false) const;
  std::vector<const Trace*> commit(std::vector<TraceChange> changes, uint32_t owner,
                                   std::vector<const Trace*>* expired = nullptr);
  // One container more or less, whatever the selectors say: "POD/CONTAINER",
  // "NAMESPACE/POD/CONTAINER" or an id (its first 8 characters will do).
  Result<const Trace*> addContainer(const std::string& name, const std::string& reference);
  Result<const Trace*> removeContainer(const std::string& name, const std::string& reference);
  void setMostTraces(size_t most) { mostTraces = most; }
  void setFindCgroup(FindCgroup find);
  // The ids of containers that a spec would match now.
  Result<std::vector<std::string>> wouldMatch(TraceSpec spec) const;
  // Likewise, checked as add() would.
  Result<std::vector<std::string>> tryOut(TraceSpec spec) const;
  // The trace's last state. All that was captured for it has gone to its sinks.
  Result<std::unique_ptr<Trace>> remove(const std::string& name);

  const std::map<TraceId, std::unique_ptr<Trace>>& traces() const { return byId; }
  Result<const Trace*> find(const std::string& name) const;
  Ledger ledger(const Trace& trace) const;
  std::vector<const KnownContainer*> matched(const Trace& trace) const;
  std::vector<const Trace*> tracesOf(const KnownContainer& container) const;

  // All that there are now, and who newcomers are: a container of those that is not in the list has
  // ended.
  void setContainers(const std::vector<Container>& now,
                     const std::vector<Resolution>& resolutions = {});
  // Borrowed; none: containers are known by setContainers() alone.
  void setNamer(Namer* newNamer) { namer = newNamer; }
  // Names that no trace gets by itself, though none has them.
  void setReserved(std::function<bool(const std::string&)> names) { isReserved = std::move(names); }
  void setNodeSelector(NodeSelector selector);
  void setHostNamespaces(uint32_t pid, uint32_t mount) { nodes.setHostNamespaces(pid, mount); }
  void setLiving(Topology::Living living) { nodes.setLiving(std::move(living)); }
  const Topology& topology() const { return nodes; }
  // Whether every call of every container is counted.
  void setCounting(bool on);
  bool isCounting() const { return planner.isCounting(); }
  const CallStats& stats() const { return callStats; }

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
  // When to call tick() next, in ns since boot; and who is told, from then on, that it may be
  // sooner.
  uint64_t due() const;
  void setOnSooner(std::function<void()> call) { onSooner = std::move(call); }
  // The kernel has forgotten all rules, or never had them: gives it all anew.
  void reinstall();
  // Losses of traces that are gone; the living ones have their own.
  const Ledger& pastLedger() const { return past; }
  // Everything that the kernel has captured so far, now.
  void drain() { kernel.counters.drain(); }

  size_t ruleCount() const { return rules->ruleCount(); }
  size_t ruleWrites() const { return rules->writes(); }
  // Whether all hooks that are needed are on, and some are.
  bool attached() const { return isAttached && !lacksHooks; }
  // Why not all that is wanted is in the kernel.
  const std::optional<std::string>& rulesProblem() const { return problem; }
  // Whether a container that begins is waited for, and why the kernel does not tell of it.
  bool awaitsNewcomers() const { return planner.awaitsNewcomers(); }
  const std::optional<std::string>& newcomersProblem() const { return rules->newcomersProblem(); }
  // Cgroups and calls of containers not named yet that the kernel had no room for.
  uint64_t newcomersLost() const;
  size_t newcomersWaiting() const { return newcomers.waiting(); }
  const HubCounters& counters() const { return counts; }

 private:
  // A trace to which one or two routes bring the record at hand, and what these say of it together.
  // A value.
  struct Asked {
    Trace* trace = nullptr;
    bool isWanted = false;   // of such calls, by its present spec
    bool isTested = false;   // the kernel has tested all of its present filters
    bool isSampled = false;  // and the kernel has sampled
  };

  // Of the number of a trace that was replaced. A value.
  struct Alias {
    TraceId heir;       // which has its place now
    CompiledTrace old;  // as it was
  };

  std::string makeName(const std::set<std::string>& taken = {}) const;
  Result<CompiledTrace> compile(TraceSpec spec) const;
  RuleTable::Clock::time_point ruleTime() const;
  void apply();
  void changed(const TopologyChanges& changes);
  void start(Trace& trace);
  void forget(Trace& trace);
  void noteProblems(const std::string& noRoom);
  Result<CompiledTrace> compileNew(TraceSpec spec, bool mayWait) const;
  void succeed(Trace& old, Trace& fresh);
  Trace* living(TraceId id) const;
  bool concerns(const TraceSet& set, const Trace& trace) const;
  bool stillWants(const Trace& trace, const CompiledTrace& old, const Record& record) const;
  bool isHostSpace(uint32_t pidNamespace) const;
  void forgetAliases();
  bool followCgroups();
  Result<const KnownContainer*> findContainer(const std::string& reference) const;
  Result<const Trace*> changeContainers(const std::string& name, const std::string& reference,
                                        bool add);
  std::optional<Error> editContainers(Trace& trace, const Container& info, bool add);
  void noteMatched(TraceId id, ContainerHandle handle);
  void readClocks();
  void setAttached(bool on);
  bool gather(const Record& record);
  void bring(const RouteKey& key, const Record& record);
  bool bring(TraceId id, Trace& trace, bool isExact, const Record& record);
  void ask(const Record& record);
  std::optional<Outcome> refusal(const Asked& one, const Record& record);
  void deliver(const Record& record);
  void undecodable(const void* data, size_t size);
  void tellSinks(const Trace& ended);
  void settle(const RouteKey& route, const swoll_route_counts& counts);

  // hub-newcomers.cc
  void announce(const Newcomer& newcomer);
  void resolved(const Resolution& resolution);
  void nameNewcomers(const TopologyChanges& changes);
  void nameNewcomer(uint64_t id, Newcomers::Answer answer);
  std::deque<Newcomers::Held> settleNewcomer(uint64_t id, const Newcomers::Answer& answer);
  void giveUpNewcomers(const std::vector<uint64_t>& ids);
  void giveUpOverdue();
  Newcomers::Answer answerFor(ContainerHandle handle) const;
  Newcomers::Answer hostAnswer(const std::string& cgroupPath) const;
  void acceptNewcomer(const Record& record, const void* data, size_t size);
  void handOn(Newcomers::Held& held, const Newcomers::Answer& answer);
  void bringWanted(const TraceSet& wanted, const Record& record);

  const Kernel kernel;
  const Clock& clock;
  Namer* namer = nullptr;
  Topology nodes;
  CallStats callStats;
  Planner planner;
  Newcomers newcomers;
  std::optional<RuleTable> rules;  // always there; optional, to be made anew
  Ledger past;
  std::map<TraceId, std::unique_ptr<Trace>> byId;
  std::map<std::string, TraceId> byName;
  std::map<TraceId, Alias> aliases;
  size_t mostTraces = 1000;
  FindCgroup findCgroup;
  std::function<bool(const std::string&)> isReserved;
  std::function<void()> onSooner;
  uint64_t ticked = 0;       // ns since boot
  uint64_t appliedAt = 0;    // likewise
  uint64_t cellsSeen = 0;    // when the counts were last tidied
  uint64_t cgroupsSeen = 0;  // ns since boot
  TraceId lastId = 0;
  std::vector<Sink*> sinks;
  std::vector<Asked> asked;     // of the record at hand; kept to spare allocations
  std::vector<Trace*> wanting;  // likewise: of those
  HubCounters counts;
  ClockBase clockBase;
  uint64_t clocksRead = 0;  // CLOCK_MONOTONIC; lately, as an event sees it: they drift far slower
  bool hasEnded = false;
  bool isAttached = false;  // hooks are asked for
  bool lacksHooks = false;
  std::optional<std::string> problem;  // with the rules of all traces
  Retry rulesRetry, watchRetry;
};

}  // namespace swoll
