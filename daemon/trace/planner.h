// SPDX-License-Identifier: Apache-2.0
// planRules() kept up to date: each change is worked into what is known, and only the scopes that
// it may concern are planned anew. A container that comes or changes is tested against each trace
// once, a trace that comes against each container.
//
// A value of the hub's. Traces and topology are borrowed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "containers/topology.h"
#include "trace/rules.h"

namespace swoll {

class Planner {
 public:
  // Told of each container that a trace matches for the first time.
  using FirstMatch = std::function<void(TraceId, ContainerHandle)>;

  explicit Planner(const Topology& topology, FirstMatch firstMatch = {})
      : topology(topology), firstMatch(std::move(firstMatch)) {}

  // The trace stays where it is until it is removed.
  void add(TraceId id, const CompiledTrace& trace);
  void remove(TraceId id);
  // As remove(), of one that comes back by add(): what it has matched is not forgotten.
  void withdraw(TraceId id);
  // The second trace takes the first one's place: what that has matched it has matched.
  void inherit(TraceId from, TraceId to);
  void update(const TopologyChanges& changes);
  // A cgroup that the kernel has shown and nobody has named yet.
  void addNewcomer(Scope scope);
  void removeNewcomer(Scope scope);

  // What planRules() has for the scope; nothing: it is not in the plan.
  std::optional<ScopePlan> planOf(Scope scope) const;
  // The scopes whose plan may have changed since the last call.
  std::vector<Scope> takeChanged();
  // Whether the calls of all containers are counted.
  void setCounting(bool on);
  bool isCounting() const { return counting; }
  // All scopes are to be looked at again.
  void changeAll();

  const Traces& traces() const { return known; }
  const TraceSet& tracesOf(ContainerHandle handle) const;
  ContainerHandle containerAt(Scope scope) const;  // 0: none
  // Whether a process in there that no cgroup gives to a container is the host's.
  bool isHostSpace(uint32_t pidNamespace) const;
  TypeSet newcomerTypes() const;  // see planNewcomers()
  bool awaitsNewcomers() const { return seekers > 0 || counting; }

 private:
  struct Place {
    Scope at;
    bool isNamed = false;  // by a cgroup or a namespace
    bool isCountable = false;
    TraceSet wanted;               // by these now
    TraceSet ever;                 // or at some time
    std::optional<Scope> entered;  // see enteredScope()
  };
  struct Shared {
    std::vector<ContainerHandle> containers;  // sorted; the last one names it
    TraceSet byNumber;                        // traces that ask for it by its number
    Scope at;
  };

  void place(const KnownContainer& container);
  void leave(ContainerHandle handle);
  void matched(Place& place, ContainerHandle handle, TraceId id);
  void placeCgroups();
  void enter(std::optional<Scope> scope, int change);
  void askByNumber(TraceId id, const CompiledTrace& trace, int change);
  void count(const CompiledTrace& trace, int change);
  void changeContainers();
  void forgetIfEmpty(Scope scope);

  const Topology& topology;
  FirstMatch firstMatch;
  Traces known;
  std::unordered_map<ContainerHandle, Place> places;
  std::map<Scope, Shared> scopes;
  Plan cgroups;                       // see planCgroups()
  std::map<Scope, uint32_t> entered;  // how many containers have that pid namespace
  std::set<Scope> newcomers;
  std::vector<Scope> changed;
  uint32_t hostTraces = 0, unitTraces = 0, spaceTraces = 0;  // the last ask by number
  bool counting = false;
  uint32_t seekers = 0;  // that may want a container which is yet to come
  std::array<uint32_t, maxTypes> newcomerTraces{};  // for each call
};

}  // namespace swoll
