// SPDX-License-Identifier: Apache-2.0
// A spec that was checked: everything that planning and routing ask of a trace. A value.
#pragma once

#include "core/call-set.h"
#include "core/container.h"
#include "core/error.h"
#include "core/event-filter.h"
#include "core/selector.h"
#include "core/trace-spec.h"

namespace swoll {

class CompiledTrace {
 public:
  static Result<CompiledTrace> compile(const TraceSpec& spec);

  // Of a unit, whether it was asked for: host traces, which want all of them, match none.
  bool wantsContainer(const Container& container, const std::string& node) const;
  bool wantsUnits() const { return !spec.unit.empty(); }
  bool wantsHost() const;
  uint32_t wantsPidNamespace() const { return spec.pidNamespace; }  // 0: by container

  TraceSpec spec;
  CallSet calls;
  EventFilter filter;

 private:
  bool selectsContainers() const;
  bool wantsUnit(const std::string& name) const;

  Selector labels, fields;
};

// [a-z0-9.-], at most 253 bytes: a Kubernetes object's name (RFC 1123 subdomain).
bool isTraceName(const std::string& name);

}  // namespace swoll
