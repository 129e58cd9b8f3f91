// SPDX-License-Identifier: Apache-2.0
// What a spec would do: checked before anything is changed.
#include "hub/trace-registry.h"

namespace swoll {

std::string TraceRegistry::makeName(const std::set<std::string>& taken) const {
  for (TraceId n = traces.lastId() + 1;; n++) {
    std::string name = "trace-" + std::to_string(n);
    if (!traces.named(name) && !taken.contains(name) && !(isReserved && isReserved(name)))
      return name;
  }
}

Result<CompiledTrace> TraceRegistry::compile(const TraceSpec& spec, bool mayWait) const {
  auto compiled = CompiledTrace::compile(spec);
  if (!compiled || compiled->spec.cgroup.empty()) return compiled;
  if (findCgroup) compiled->cgroup = findCgroup(compiled->spec.cgroup);
  if (!compiled->cgroup.id && !mayWait)
    return Error{"there is no cgroup '" + shortened(compiled->spec.cgroup) +
                 "' in the cgroup v2 tree"};
  return compiled;
}

Result<std::vector<TraceChange>> TraceRegistry::prepare(std::vector<TraceSpec> specs, bool replace,
                                                        bool mayWait) const {
  if (hasEnded) return Error{"swolld is stopping"};
  std::vector<TraceChange> changes;
  std::set<std::string> taken;
  size_t fresh = 0;
  for (TraceSpec& spec : specs) {
    if (spec.name.empty()) spec.name = makeName(taken);
    if (!taken.insert(spec.name).second)
      return Error{"trace '" + shortened(spec.name) + "' is there twice"};
    const Trace* there = traces.named(spec.name);
    if (there && !replace) return Error{"trace '" + spec.name + "' exists already"};
    auto compiled = compile(spec, mayWait);
    if (!compiled) return Error{compiled.error()};
    TraceChange change{std::move(*compiled), TraceChange::Kind::added};
    if (there) {
      bool same = canonical(there->spec()) == canonical(change.compiled.spec);
      change.kind = same ? TraceChange::Kind::unchanged : TraceChange::Kind::changed;
    }
    fresh += change.kind == TraceChange::Kind::added;
    changes.push_back(std::move(change));
  }
  size_t count = traces.all().size();
  if (count + fresh > mostTraces && fresh > 0)
    return Error{"too many traces: there are " + std::to_string(count) + ", and at most " +
                 std::to_string(mostTraces) + " may run ([daemon] max-traces)"};
  return changes;
}

Result<std::vector<std::string>> TraceRegistry::wouldMatch(TraceSpec spec) const {
  auto compiled = compile(spec, true);
  if (!compiled) return Error{compiled.error()};
  std::vector<std::string> ids;
  for (const auto& [handle, known] : nodes.containers())
    if (!known.hidden && compiled->matches(known.info, nodes.node())) ids.push_back(known.info.id);
  return ids;
}

}  // namespace swoll
