// SPDX-License-Identifier: Apache-2.0
// The hub's part for containers that start: what the kernel shows of new cgroups, who they are, and
// what becomes of the calls that came before anybody knew.
#include <algorithm>
#include <cstring>

#include "hub/hub.h"

namespace swoll {
namespace {

// As long as a cgroup may stay nameless. Whoever names it answers sooner, also when it can't.
constexpr uint64_t patience = 5'000'000'000;  // more than the observer's

Newcomers::Held copyOf(const Record& record, const void* data, size_t size) {
  Newcomers::Held held;
  held.size = std::min<size_t>(size, record.head->size);
  held.words.resize((held.size + 7) / 8);
  memcpy(held.words.data(), data, held.size);
  return held;
}

}  // namespace

// Runs within kernel.counters.drain(), wherever that is called: touches this one scope alone.
void Hub::announce(const Newcomer& newcomer) {
  uint64_t id = newcomer.cgroup.id;
  bool isOpen = false;
  if (ContainerHandle owner = planner.containerAt(newcomer.scope)) {
    settleNewcomer(id, answerFor(owner));
  } else if (ContainerHandle above = planner.containerAt(newcomer.parent); isContainer(above)) {
    settleNewcomer(id, answerFor(above));  // of a container that no trace wants
  } else if (!planner.awaitsNewcomers()) {
    settleNewcomer(id, {});
  } else if (newcomers.add(newcomer, clock.monotonic())) {
    planner.addNewcomer(newcomer.scope);
    isOpen = true;
  } else {
    settleNewcomer(id, {});
    counts.newcomersUnnamed++;
  }
  rules->claim(newcomer.scope);
  rules->apply({{newcomer.scope, planner.planOf(newcomer.scope)}}, planner.traces(), ruleTime());
  kernel.scopes.newcomerTaken();
  if (isOpen && namer) namer->resolve(newcomer.cgroup);
  if (isOpen && onSooner) onSooner();
}

void Hub::resolved(const Resolution& resolution) {
  const Newcomer* newcomer = newcomers.find(resolution.cgroupId);
  if (!newcomer) return;  // named by other means, or given up
  if (resolution.isNameless) counts.newcomersUnnamed++;
  if (!resolution.container) {
    auto answer = resolution.isNameless ? Newcomers::Answer{} : hostAnswer(newcomer->cgroup.path);
    return nameNewcomer(resolution.cgroupId, answer);
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
  nameNewcomer(resolution.cgroupId, answerFor(handle));
  // It may have a cgroup above this one, which waits too.
  nameNewcomers(changes);
}

void Hub::nameNewcomers(const TopologyChanges& changes) {
  for (ContainerHandle handle : changes.present) {
    if (newcomers.waiting() == 0) return;
    const KnownContainer* known = nodes.find(handle);
    if (known && known->info.cgroupId && newcomers.find(known->info.cgroupId))
      nameNewcomer(known->info.cgroupId, answerFor(handle));
  }
}

// First its own scope in place of the kernel's, then what was held.
void Hub::nameNewcomer(uint64_t id, Newcomers::Answer answer) {
  if (const Newcomer* newcomer = newcomers.find(id)) planner.removeNewcomer(newcomer->scope);
  apply();
  for (Newcomers::Held& held : settleNewcomer(id, answer)) handOn(held, answer);
}

std::deque<Newcomers::Held> Hub::settleNewcomer(uint64_t id, const Newcomers::Answer& answer) {
  if (isContainer(answer.container)) callStats.settle(id, answer.container);
  return newcomers.settle(id, answer);
}

void Hub::giveUpNewcomers(const std::vector<uint64_t>& ids) {
  for (uint64_t id : ids) nameNewcomer(id, {});
}

void Hub::giveUpOverdue() {
  uint64_t now = clock.monotonic();
  if (newcomers.waiting() == 0 || now < patience) return;
  auto overdue = newcomers.since(now - patience);
  counts.newcomersUnnamed += overdue.size();
  giveUpNewcomers(overdue);
}

Newcomers::Answer Hub::answerFor(ContainerHandle handle) const {
  return {handle, planner.tracesOf(handle), isUnit(handle)};
}

Newcomers::Answer Hub::hostAnswer(const std::string& cgroupPath) const {
  ScopePlan plan = planCgroup(cgroupPath, planner.traces(), nodes, false);
  return {plan.container, std::move(plan.traces), !isContainer(plan.container)};
}

void Hub::acceptNewcomer(const Record& record, const void* data, size_t size) {
  uint64_t id = record.head->container & ~SWOLL_NEWCOMER;
  Newcomers::Held held = copyOf(record, data, size);
  held.second = rules->shareRoute(record.head->route2);
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

// The kernel counted nothing of the newcomers' route to any trace, so all of it is counted here.
void Hub::handOn(Newcomers::Held& held, const Newcomers::Answer& answer) {
  auto* head = reinterpret_cast<swoll_record*>(held.words.data());
  // As find_scope() has it (bpf/lib/scope.h).
  uint32_t space = head->ns[SWOLL_NS_pid];
  bool isNobodys = answer.isHost && !isHostSpace(space);
  head->container = answer.container && !isNobodys
                        ? answer.container
                        : planner.containerAt({ScopeKind::pidNamespace, space});
  auto record = parseRecord(held.words.data(), held.size);
  if (!record) return;
  asked.clear();
  if (held.second) bring(*held.second, *record);
  if (head->route == SWOLL_NEWCOMER_ROUTE && !isNobodys) bringWanted(answer.wanted, *record);
  ask(*record);
  if (!wanting.empty()) deliver(*record);
}

// Whether a process in there that no cgroup gives to a container is the host's.
bool Hub::isHostSpace(uint32_t pidNamespace) const {
  return pidNamespace == initialPidNamespace ||
         planner.isEntered({ScopeKind::pidNamespace, pidNamespace});
}

void Hub::bringWanted(const TraceSet& wanted, const Record& record) {
  for (TraceId id : wanted) {
    Trace* trace = living(id);
    // As on a route of its own: what entered before the trace was there is not for it.
    if (!trace || !trace->compiled.types.test(record.head->type) ||
        record.head->start < trace->since)
      continue;
    if (bring(id, *trace, false, record)) trace->ledger.matched++;
  }
}

uint64_t Hub::newcomersLost() const {
  swoll_route_counts route = kernel.counters.counts(SWOLL_NEWCOMER_ROUTE);
  return kernel.counters.newcomersLost() + route.ring_full + route.state_missing + route.abandoned;
}

}  // namespace swoll
