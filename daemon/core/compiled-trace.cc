// SPDX-License-Identifier: Apache-2.0
#include "core/compiled-trace.h"

#include <algorithm>

#include "core/text.h"

namespace swoll {

bool isTraceName(const std::string& name) {
  auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), good) &&
         name.front() != '-' && name.front() != '.' && name.back() != '-' && name.back() != '.';
}

Result<CompiledTrace> CompiledTrace::compile(const TraceSpec& spec) {
  CompiledTrace trace;
  trace.spec = spec;
  if (!isTraceName(spec.name))
    return Error{"bad trace name '" + spec.name +
                 "': use a-z, 0-9, '-' and '.', at most 253 bytes"};

  auto calls = parseCalls(spec.calls);
  if (!calls) return Error{calls.error()};
  trace.calls = *calls;

  auto labels = Selector::parseLabels(spec.labelSelector);
  if (!labels) return Error{labels.error()};
  trace.labels = *labels;

  auto fields = Selector::parseFields(spec.fieldSelector);
  if (!fields) return Error{fields.error()};
  trace.fields = *fields;

  auto filter = EventFilter::compile(spec);
  if (!filter) return Error{filter.error()};
  trace.filter = *filter;

  if (spec.pidNamespace && (trace.selectsContainers() || spec.host))
    return Error{"a pid namespace names its processes by itself: leave out selectors and host"};
  if (!spec.unit.empty() && (trace.selectsContainers() || spec.pidNamespace))
    return Error{"a unit is in no container: leave out selectors of containers"};
  if (!spec.unit.empty() && spec.host)
    return Error{"the host's processes are those of all units: leave out host or unit"};
  if (spec.host && trace.selectsContainers())
    return Error{"host processes are in no container: leave out selectors of containers"};
  return trace;
}

bool CompiledTrace::selectsContainers() const {
  return !labels.empty() || !fields.empty() || !spec.nameSpace.empty() || !spec.pod.empty() ||
         !spec.container.empty();
}

bool CompiledTrace::wantsContainer(const Container& c, const std::string& node) const {
  if (spec.host || spec.pidNamespace) return false;
  if (c.isUnit() || wantsUnits()) return c.isUnit() && wantsUnits() && wantsUnit(c.name);
  if (!spec.nameSpace.empty() && c.nameSpace != spec.nameSpace) return false;
  if (!spec.pod.empty() && !globMatch(spec.pod, c.pod)) return false;
  if (!spec.container.empty() && !globMatch(spec.container, c.name) &&
      !c.id.starts_with(spec.container))
    return false;
  return labels.matchesLabels(c.labels) && fields.matchesFields(c, node);
}

// As systemctl takes it: "nginx" is nginx.service. A name as it stands comes first, since systemd's
// escapes ("dev-disk\x2dby.service") mean something else in a glob.
bool CompiledTrace::wantsUnit(const std::string& name) const {
  bool isWhole = spec.unit.ends_with(".service") || spec.unit.ends_with(".scope");
  return name == spec.unit || globMatch(spec.unit, name) ||
         (!isWhole && name == spec.unit + ".service");
}

// A process that was asked for by number may live anywhere.
bool CompiledTrace::wantsHost() const {
  return spec.host || (spec.pid && !spec.pidNamespace && !selectsContainers() && !wantsUnits());
}

}  // namespace swoll
