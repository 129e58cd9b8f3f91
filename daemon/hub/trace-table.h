// SPDX-License-Identifier: Apache-2.0
// The traces that there are, by number and by name. A resource of the hub's, and passive: who adds
// or removes one is the registry (trace-registry.h).
//
// A trace that takes another's place keeps its name, its counts and its streams, but has a number
// of its own, so that its rules are new ones. Calls that had entered under the old rules carry the
// old number; it stays an alias of the new trace until none is left.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/error.h"
#include "containers/topology.h"
#include "trace/trace.h"

namespace swoll {

class TraceTable {
 public:
  static constexpr size_t mostSeen = 256;  // containers that a trace remembers by name
  using Map = std::map<TraceId, std::unique_ptr<Trace>>;

  const Map& all() const { return byId; }
  Trace& at(TraceId id) const { return *byId.at(id); }
  bool contains(TraceId id) const { return byId.contains(id); }
  Trace* named(const std::string& name) const;         // null: none
  Result<Trace*> find(const std::string& name) const;  // or what it may have been meant to be
  // The one that has the number, or has taken the place of that one; null: it was removed.
  Trace* living(TraceId id) const;
  // As it was, of a number that is an alias.
  const CompiledTrace& replaced(TraceId id) const { return aliases.at(id).old; }
  // Whether events of these traces are the trace's.
  bool concerns(const TraceSet& set, const Trace& trace) const;

  TraceId lastId() const { return last; }
  TraceId newId() { return ++last; }
  Trace& add(std::unique_ptr<Trace> trace);
  // The old trace's place and counts are the new one's from here on; it is still to be taken out.
  void inherit(Trace& old, Trace& fresh);
  std::unique_ptr<Trace> take(TraceId id);
  // Of a container that the trace matches for the first time; null: it has gone already.
  void noteMatched(TraceId id, const KnownContainer* known);

  bool hasAliases() const { return !aliases.empty(); }
  // Those that nothing can carry any more: all but the used ones.
  void forgetAliases(const std::set<TraceId>& used);

 private:
  // Of the number of a trace that was replaced. A value.
  struct Alias {
    TraceId heir;       // which has its place now
    CompiledTrace old;  // as it was
  };

  Map byId;
  std::map<std::string, TraceId> byName;
  std::map<TraceId, Alias> aliases;
  TraceId last = 0;
};

}  // namespace swoll
