// SPDX-License-Identifier: Apache-2.0
#include "hub/arrivals.h"

#include <algorithm>
#include <cstring>

namespace swoll {
namespace {

// As long as a cgroup may stay nameless. Whoever names it answers sooner, also when it can't.
constexpr uint64_t patience = 5 * nsPerSecond;  // more than the observer's

Newcomers::Held copyOf(const Record& record, const void* data, size_t size) {
  Newcomers::Held held;
  held.size = std::min<size_t>(size, record.head->size);
  held.words.resize((held.size + 7) / 8);
  memcpy(held.words.data(), data, held.size);
  return held;
}

}  // namespace

Arrivals::Arrivals(const Kernel& kernel, const Clock& clock, Topology& nodes, CallStats& stats,
                   Planner& planner, RuleInstaller& rules, Router& router, HubCounters& counts)
    : kernel(kernel),
      clock(clock),
      nodes(nodes),
      stats(stats),
      planner(planner),
      rules(rules),
      router(router),
      counts(counts) {}

void Arrivals::announce(const Newcomer& newcomer) {
  uint64_t id = newcomer.cgroup.id;
  bool isOpen = false;
  if (ContainerHandle owner = planner.containerAt(newcomer.scope)) {
    settle(id, answerFor(owner));
  } else if (ContainerHandle above = planner.containerAt(newcomer.parent); isContainer(above)) {
    settle(id, answerFor(above));  // of a container that no trace wants
  } else if (!planner.awaitsNewcomers()) {
    settle(id, {});
  } else if (newcomers.add(newcomer, clock.monotonic())) {
    planner.addNewcomer(newcomer.scope);
    isOpen = true;
  } else {
    settle(id, {});
    counts.newcomersUnnamed++;
  }
  rules.claim(newcomer.scope);
  kernel.scopes.newcomerTaken();
  if (isOpen && namer) namer->resolve(newcomer.cgroup);
  if (isOpen) rules.sooner();
}

void Arrivals::resolved(const Resolution& resolution) {
  const Newcomer* newcomer = newcomers.find(resolution.cgroupId);
  if (!newcomer) return;  // named by other means, or given up
  if (resolution.isNameless) counts.newcomersUnnamed++;
  if (!resolution.container) {
    auto answer = resolution.isNameless ? Newcomers::Answer{} : hostAnswer(newcomer->cgroup.path);
    return name(resolution.cgroupId, answer);
  }
  Container container = *resolution.container;
  // Of one that has ended its cgroup can't be asked for any more.
  if (!container.cgroupId &&
      (container.cgroupPath.empty() || container.cgroupPath == newcomer->cgroup.path)) {
    container.cgroupId = newcomer->cgroup.id;
    container.cgroupPath = newcomer->cgroup.path;
  }
  TopologyChanges changes;
  ContainerHandle handle = nodes.enter(container, changes);
  planner.update(changes);
  name(resolution.cgroupId, answerFor(handle));
  // It may have a cgroup above this one, which waits too.
  nameThese(changes);
}

void Arrivals::nameThese(const TopologyChanges& changes) {
  for (ContainerHandle handle : changes.present) {
    if (newcomers.waiting() == 0) return;
    const KnownContainer* known = nodes.find(handle);
    if (known && known->info.cgroupId && newcomers.find(known->info.cgroupId))
      name(known->info.cgroupId, answerFor(handle));
  }
}

// First its own scope in place of the kernel's, then what was held.
void Arrivals::name(uint64_t id, Newcomers::Answer answer) {
  if (const Newcomer* newcomer = newcomers.find(id)) planner.removeNewcomer(newcomer->scope);
  rules.apply();
  for (Newcomers::Held& held : settle(id, answer)) handOn(held, answer);
}

std::deque<Newcomers::Held> Arrivals::settle(uint64_t id, const Newcomers::Answer& answer) {
  if (isContainer(answer.container)) stats.settle(id, answer.container);
  return newcomers.settle(id, answer);
}

void Arrivals::giveUpUnawaited() {
  if (!planner.awaitsNewcomers()) giveUpAll();
}

void Arrivals::giveUp(const std::vector<uint64_t>& ids) {
  for (uint64_t id : ids) name(id, {});
}

void Arrivals::giveUpOverdue() {
  uint64_t now = clock.monotonic();
  if (newcomers.waiting() == 0 || now < patience) return;
  auto overdue = newcomers.since(now - patience);
  counts.newcomersUnnamed += overdue.size();
  giveUp(overdue);
}

Newcomers::Answer Arrivals::answerFor(ContainerHandle handle) const {
  return {handle, planner.tracesOf(handle), isUnit(handle)};
}

Newcomers::Answer Arrivals::hostAnswer(const std::string& cgroupPath) const {
  ScopePlan plan = planCgroup(cgroupPath, planner.traces(), nodes, false);
  return {plan.container, std::move(plan.traces), !isContainer(plan.container)};
}

void Arrivals::accept(const Record& record, const void* data, size_t size) {
  uint64_t id = record.head->container & ~SWOLL_NEWCOMER;
  Newcomers::Held held = copyOf(record, data, size);
  held.second = rules.shareRoute(record.head->route2);
  if (newcomers.find(id)) {
    auto second = held.second;
    if (newcomers.hold(id, held)) return;
    counts.newcomersFull++;
    if (second) handOn(held, {});  // whose events they are is known
    return;
  }
  if (const Newcomers::Answer* answer = newcomers.answer(id)) return handOn(held, *answer);
  counts.newcomersUnnamed++;
  handOn(held, {});
}

void Arrivals::handOn(Newcomers::Held& held, const Newcomers::Answer& answer) {
  auto* head = reinterpret_cast<swoll_record*>(held.words.data());
  // As find_scope() has it (bpf/lib/scope.h).
  uint32_t space = head->ns[SWOLL_NS_pid];
  bool isNobodys = answer.isHost && !planner.isHostSpace(space);
  head->container = answer.container && !isNobodys
                        ? answer.container
                        : planner.containerAt({ScopeKind::pidNamespace, space});
  auto record = parseRecord(held.words.data(), held.size);
  if (!record) return;
  bool isWanted = head->route == SWOLL_NEWCOMER_ROUTE && !isNobodys;
  router.routeLate(*record, held.second.get(), isWanted ? &answer.wanted : nullptr);
}

uint64_t Arrivals::lost() const {
  swoll_route_counts route = kernel.counters.counts(SWOLL_NEWCOMER_ROUTE);
  return kernel.counters.newcomersLost() + route.ring_full + route.state_missing + route.abandoned;
}

}  // namespace swoll
