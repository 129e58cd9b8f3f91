// SPDX-License-Identifier: Apache-2.0
// Changing what runs: traces that take the place of others, and containers that are added to one.
//
// A trace that takes another's place keeps its name, its counts and its streams, but has a number
// of its own, so that its rules are new ones. Calls that had entered under the old rules carry the
// old number; it stays an alias of the new trace until none is left, and such an event is looked at
// once more: what the new spec wants is delivered, what only the old one wanted is `filtered`. So
// is what can't be told apart, for nobody shall get calls that are none of their trace's.
#include <algorithm>

#include "base/text.h"
#include "hub/hub.h"

namespace swoll {
namespace {

std::string fullName(const Container& c) {
  if (c.pod.empty() || c.name.empty()) return c.id;
  return (c.nameSpace.empty() ? "" : c.nameSpace + "/") + c.pod + "/" + c.name;
}

}  // namespace

std::string Hub::makeName(const std::set<std::string>& taken) const {
  for (TraceId n = lastId + 1;; n++) {
    std::string name = "trace-" + std::to_string(n);
    if (!byName.contains(name) && !taken.contains(name) && !(isReserved && isReserved(name)))
      return name;
  }
}

Result<std::vector<TraceChange>> Hub::prepare(std::vector<TraceSpec> specs, bool replace,
                                              bool mayWait) const {
  if (hasEnded) return Error{"swolld is stopping"};
  std::vector<TraceChange> changes;
  std::set<std::string> taken;
  size_t fresh = 0;
  for (TraceSpec& spec : specs) {
    if (spec.name.empty()) spec.name = makeName(taken);
    if (!taken.insert(spec.name).second)
      return Error{"trace '" + shortened(spec.name) + "' is there twice"};
    auto there = byName.find(spec.name);
    if (there != byName.end() && !replace) return Error{"trace '" + spec.name + "' exists already"};
    auto compiled = compileNew(std::move(spec), mayWait);
    if (!compiled) return Error{compiled.error()};
    TraceChange change{std::move(*compiled), TraceChange::Kind::added};
    if (there != byName.end()) {
      bool same = canonical(byId.at(there->second)->spec()) == canonical(change.compiled.spec);
      change.kind = same ? TraceChange::Kind::unchanged : TraceChange::Kind::changed;
    }
    fresh += change.kind == TraceChange::Kind::added;
    changes.push_back(std::move(change));
  }
  if (byId.size() + fresh > mostTraces && fresh > 0)
    return Error{"too many traces: there are " + std::to_string(byId.size()) + ", and at most " +
                 std::to_string(mostTraces) + " may run ([daemon] max-traces)"};
  return changes;
}

std::vector<const Trace*> Hub::commit(std::vector<TraceChange> changes, uint32_t owner,
                                      std::vector<const Trace*>* expired) {
  std::vector<const Trace*> out;
  bool any = false;
  for (TraceChange& change : changes) {
    auto there = byName.find(change.compiled.spec.name);
    Trace* old = there == byName.end() ? nullptr : byId.at(there->second).get();
    if (change.kind == TraceChange::Kind::unchanged && old) {
      out.push_back(old);
      continue;
    }
    any = true;
    TraceId id = ++lastId;
    auto trace = std::make_unique<Trace>(id, std::move(change.compiled),
                                         change.owner.value_or(old ? old->owner : owner));
    trace->created = change.created ? change.created : old ? old->created : clock.realTime();
    trace->started = clock.sinceBoot() - change.elapsed;
    trace->since = old ? old->since : clock.monotonic();
    uint64_t duration = trace->spec().duration;
    if (duration && change.elapsed >= duration) {
      trace->state = TraceState::expired;
      trace->ended = clock.sinceBoot();
      if (expired) expired->push_back(trace.get());
    }
    Trace& fresh = *(byId[id] = std::move(trace));
    if (old) succeed(*old, fresh);
    byName[fresh.name()] = id;
    start(fresh);
    out.push_back(&fresh);
  }
  if (any) apply();
  return out;
}

// The old trace's place, counts and streams are the new one's from here on.
void Hub::succeed(Trace& old, Trace& fresh) {
  fresh.ledger = old.ledger;
  fresh.twice = old.twice;
  fresh.everCount = old.everCount;
  fresh.seen = std::move(old.seen);
  for (auto& [id, alias] : aliases)
    if (alias.heir == old.id) alias.heir = fresh.id;
  aliases.emplace(old.id, Alias{fresh.id, old.compiled});
  for (Sink* sink : std::vector(sinks)) sink->traceReplaced(old, fresh);
  TraceId id = old.id;
  planner.inherit(id, fresh.id);
  planner.remove(id);
  byId.erase(id);
}

// The one that has the number, or has taken the place of that one.
Trace* Hub::living(TraceId id) const {
  auto found = byId.find(id);
  if (found == byId.end()) {
    auto alias = aliases.find(id);
    if (alias == aliases.end()) return nullptr;
    found = byId.find(alias->second.heir);
  }
  return found == byId.end() ? nullptr : found->second.get();
}

bool Hub::concerns(const TraceSet& set, const Trace& trace) const {
  if (std::binary_search(set.begin(), set.end(), trace.id)) return true;
  return std::any_of(aliases.begin(), aliases.end(), [&](const auto& alias) {
    return alias.second.heir == trace.id && std::binary_search(set.begin(), set.end(), alias.first);
  });
}

// Whether the trace would have caught under its present spec what the old one's rules have caught.
// The record has the container or unit that was charged, and numbers of namespaces, but not the
// cgroup: that it was in the old one's is all that is known of it.
bool Hub::stillWants(const Trace& trace, const CompiledTrace& old, const Record& record) const {
  const CompiledTrace& now = trace.compiled;
  ContainerHandle charged = record.head->container;
  const KnownContainer* known = nodes.find(charged);
  if (!now.types.test(record.head->type) || !now.appliesTo(nodes.node())) return false;
  if (known && known->hidden) return false;
  if (now.hasScopeOf(old)) return true;
  if (known && now.wantsContainer(known->info, nodes.node())) return true;
  uint32_t space = record.head->ns[SWOLL_NS_pid];
  if (uint32_t wanted = now.wantsPidNamespace()) return space == wanted;
  if (now.wantsHost())  // as find_scope() has it (bpf/lib/scope.h)
    return !known && (isUnit(charged) || (!charged && isHostSpace(space)));
  // What the old one has caught of a container may have been anywhere, as far as is known here.
  bool isOfContainer = known ? old.wantsContainer(known->info, nodes.node()) : charged != 0;
  return now.cgroup.id && !isOfContainer &&
         isWithin(old.cgroup.id ? old.cgroup.path : "/", now.cgroup.path);
}

void Hub::forgetAliases() {
  if (aliases.empty()) return;
  std::set<TraceId> used;
  rules->eachRoute(
      [&](RouteId, const RouteKey& key) { used.insert(key.traces.begin(), key.traces.end()); });
  std::erase_if(aliases, [&](const auto& alias) {
    return !used.contains(alias.first) || !byId.contains(alias.second.heir);
  });
}

void Hub::setFindCgroup(FindCgroup find) {
  findCgroup = std::move(find);
  if (followCgroups()) apply();
}

bool Hub::followCgroups() {
  bool moved = false;
  for (const auto& [id, trace] : byId) {
    if (trace->spec().cgroup.empty() || !findCgroup) continue;
    CgroupAt at = findCgroup(trace->spec().cgroup);
    if (at == trace->compiled.cgroup) continue;
    moved = true;
    planner.withdraw(id);
    trace->compiled.cgroup = at;
    start(*trace);
  }
  return moved;
}

Result<const KnownContainer*> Hub::findContainer(const std::string& reference) const {
  std::vector<const KnownContainer*> found;
  std::vector<std::string> names;
  constexpr size_t leastPrefix = 8;
  for (const auto& [handle, known] : nodes.containers()) {
    if (known.hidden) continue;
    bool prefix = reference.size() >= leastPrefix && known.info.id.starts_with(reference);
    if (refersTo(reference, known.info) || prefix) found.push_back(&known);
    for (const std::string& name :
         {fullName(known.info), known.info.pod + "/" + known.info.name, known.info.id})
      names.push_back(name);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    return Error{"container '" + shortened(reference) + "' could be " + fullName(found[0]->info) +
                 " or " + fullName(found[1]->info)};
  std::vector<std::string_view> views(names.begin(), names.end());
  return unknown("container", reference, nearest(reference, views));
}

Result<const Trace*> Hub::addContainer(const std::string& name, const std::string& reference) {
  return changeContainers(name, reference, true);
}

Result<const Trace*> Hub::removeContainer(const std::string& name, const std::string& reference) {
  return changeContainers(name, reference, false);
}

// Only whose calls are wanted changes: the trace keeps its number, rules and counts.
Result<const Trace*> Hub::changeContainers(const std::string& name, const std::string& reference,
                                           bool add) {
  auto found = find(name);
  if (!found) return found;
  auto container = findContainer(reference);
  if (!container) return Error{container.error()};
  Trace& trace = *byId.at((*found)->id);
  if (trace.state == TraceState::expired) return Error{"trace '" + name + "' has ended"};
  const Container& info = (*container)->info;
  auto wanted = [&] { return trace.compiled.wantsContainer(info, nodes.node()); };
  if (!add && !wanted())
    return Error{"trace '" + name + "' does not match container '" + fullName(info) + "'"};
  planner.withdraw(trace.id);
  auto error = editContainers(trace, info, add);
  start(trace);
  apply();
  if (error) return *error;
  return &trace;
}

// Whatever it answers, the trace is whole.
std::optional<Error> Hub::editContainers(Trace& trace, const Container& info, bool add) {
  TraceSpec& spec = trace.compiled.spec;
  auto wanted = [&] { return trace.compiled.wantsContainer(info, nodes.node()); };
  auto before = std::pair(spec.addContainers, spec.removeContainers);
  auto names = [&](const std::string& text) { return refersTo(text, info); };
  std::erase_if(add ? spec.removeContainers : spec.addContainers, names);
  if (wanted() != add) (add ? spec.addContainers : spec.removeContainers).push_back(fullName(info));
  if (auto checked = CompiledTrace::compile(spec); !checked) {
    std::tie(spec.addContainers, spec.removeContainers) = before;
    return Error{checked.error()};
  }
  if (wanted() != add) {
    std::tie(spec.addContainers, spec.removeContainers) = before;
    return Error{"trace '" + trace.name() +
                 "' is not for this node: its hostSelector leaves it out"};
  }
  return {};
}

// For the first time.
void Hub::noteMatched(TraceId id, ContainerHandle handle) {
  Trace& trace = *byId.at(id);
  trace.everCount++;
  const KnownContainer* known = nodes.find(handle);
  if (known && trace.seen.size() < mostSeen) trace.seen.push_back(nameOf(known->info));
}

}  // namespace swoll
