// SPDX-License-Identifier: Apache-2.0
// A spec that was checked: everything that planning and routing ask of a trace. A value.
#pragma once

#include "base/error.h"
#include "containers/container.h"
#include "containers/selector.h"
#include "syscall/call-set.h"
#include "trace/arg-filter.h"
#include "trace/event-filter.h"
#include "trace/trace-spec.h"

namespace swoll {

// A directory of the cgroup v2 tree. A value.
struct CgroupAt {
  std::string path;  // below the mount, with a slash in front
  uint64_t id = 0;   // its inode; 0: it is not there
  bool operator==(const CgroupAt&) const = default;
};

class CompiledTrace {
 public:
  static Result<CompiledTrace> compile(const TraceSpec& spec);

  // Whether it wants the calls of the container, or of the unit, which is a part of the host.
  bool wantsContainer(const Container& container, const std::string& node) const;
  // Whether what it wants is its own: units are a part of the host, unless they were asked for.
  bool owns(const Container& container) const { return wantsUnits() || !container.isUnit(); }
  bool matches(const Container& container, const std::string& node) const;
  // Whether both look at the same processes, whatever calls and events of theirs they want.
  bool hasScopeOf(const CompiledTrace& other) const;
  // Whether the trace is for this node at all.
  bool appliesTo(const std::string& node) const;
  bool wantsUnits() const { return !spec.unit.empty(); }
  bool wantsHost() const;
  bool mayWantContainers() const;  // if one fits that is yet to come
  uint32_t wantsPidNamespace() const { return spec.pidNamespace; }  // 0: by container

  TraceSpec spec;
  TypeSet types;  // of events: calls, and what happens to processes
  EventFilter filter;
  ArgFilter args;
  CgroupAt cgroup;  // where spec.cgroup is now: the hub's to find out

 private:
  bool selectsContainers() const;
  bool selects(const Container& container, const std::string& node) const;
  bool wantsUnit(const std::string& name) const;

  Selector labels, fields;
};

// [a-z0-9.-], at most 253 bytes: a Kubernetes object's name (RFC 1123 subdomain).
bool isTraceName(const std::string& name);

// The spec in the one form that all ways to write it share: for comparison alone.
TraceSpec canonical(const TraceSpec& spec);

// "POD/CONTAINER", "NAMESPACE/POD/CONTAINER" or a whole id.
bool refersTo(const std::string& reference, const Container& container);

}  // namespace swoll
