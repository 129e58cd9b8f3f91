// SPDX-License-Identifier: Apache-2.0
#include "trace/compiled-trace.h"

#include <algorithm>
#include <tuple>

#include "base/escape.h"
#include "base/text.h"
#include "process/process-table.h"

namespace swoll {

bool isTraceName(const std::string& name) {
  auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), good) &&
         name.front() != '-' && name.front() != '.' && name.back() != '-' && name.back() != '.';
}

namespace {

// What a spec may hold at most, whoever sends it: far more than a person writes.
constexpr size_t mostCalls = 2048, mostErrors = 512, mostNodes = 4096, mostContainers = 4096,
                 mostArgs = 16, mostText = 4096, mostSelector = 16384;

struct TextLimit {
  const char* what;
  std::string TraceSpec::*text;
  size_t most;
};
const TextLimit textLimits[] = {
    {"label selector", &TraceSpec::labelSelector, mostSelector},
    {"field selector", &TraceSpec::fieldSelector, mostSelector},
    {"namespace", &TraceSpec::nameSpace, 253},
    {"pod", &TraceSpec::pod, mostText},
    {"container", &TraceSpec::container, mostText},
    {"comm", &TraceSpec::comm, 256},
    {"cgroup", &TraceSpec::cgroup, mostText},
    {"unit", &TraceSpec::unit, mostText},
};

struct ListLimit {
  const char* what;
  std::vector<std::string> TraceSpec::*list;
  size_t most;
};
const ListLimit listLimits[] = {
    {"system calls", &TraceSpec::syscalls, mostCalls},
    {"events of processes", &TraceSpec::processes, mostCalls},
    {"errnos", &TraceSpec::errors, mostErrors},
    {"names of nodes", &TraceSpec::hostSelector, mostNodes},
    {"added containers", &TraceSpec::addContainers, mostContainers},
    {"removed containers", &TraceSpec::removeContainers, mostContainers},
};

bool isPlainText(const std::string& text) {
  return isUtf8(text) && text.find_first_of(std::string_view("\0\n\r", 3)) == text.npos;
}

// What is too much or no text, if anything.
std::string wrongText(const char* what, const std::string& text, size_t most) {
  if (text.size() > most)
    return std::string("too long, in the ") + what + ": " + std::to_string(text.size()) +
           " bytes, and at most " + std::to_string(most) + " are taken";
  return isPlainText(text) ? "" : std::string("not one line of UTF-8 text, in the ") + what;
}

std::string beyondLimits(const TraceSpec& spec) {
  for (const TextLimit& row : textLimits)
    if (auto wrong = wrongText(row.what, spec.*row.text, row.most); !wrong.empty()) return wrong;
  for (const ListLimit& row : listLimits) {
    const auto& list = spec.*row.list;
    if (list.size() > row.most)
      return std::string("too many ") + row.what + ": " + std::to_string(list.size()) +
             ", and at most " + std::to_string(row.most) + " are taken";
    for (const std::string& text : list)
      if (auto wrong = wrongText(row.what, text, 1024); !wrong.empty()) return wrong;
  }
  if (spec.args.size() > mostArgs)
    return "too many arguments to compare: " + std::to_string(spec.args.size()) + ", and at most " +
           std::to_string(mostArgs) + " are taken";
  for (const ArgPattern& arg : spec.args)
    for (const std::string* text : {&arg.name, &arg.glob})
      if (auto wrong = wrongText("argument", *text, mostText); !wrong.empty()) return wrong;
  return {};
}

bool isReference(const std::string& text) {
  auto parts = split(text, '/');
  return !parts.empty() && parts.size() <= 3 && join(parts, "/") == text;
}

bool refers(const std::vector<std::string>& references, const Container& container) {
  return std::any_of(references.begin(), references.end(),
                     [&](const std::string& text) { return refersTo(text, container); });
}

std::string sorted(const Result<Selector>& selector, std::string (*text)(const Requirement&)) {
  std::vector<std::string> parts;
  if (selector)
    for (const Requirement& r : selector->requirements()) parts.push_back(text(r));
  std::sort(parts.begin(), parts.end());
  return join(parts, ",");
}

}  // namespace

bool refersTo(const std::string& reference, const Container& c) {
  if (reference.find('/') == reference.npos) return c.id == reference;
  if (c.name.empty() && c.pod.empty()) return false;
  return reference == c.pod + "/" + c.name || reference == c.nameSpace + "/" + c.pod + "/" + c.name;
}

TraceSpec canonical(const TraceSpec& spec) {
  TraceSpec out = spec;
  out.labelSelector = sorted(Selector::parseLabels(spec.labelSelector), labelText);
  out.fieldSelector = sorted(Selector::parseFields(spec.fieldSelector), fieldText);
  if (out.sampleRate == 0) out.sampleRate = 1;
  return out;
}

Result<CompiledTrace> CompiledTrace::compile(const TraceSpec& spec) {
  CompiledTrace trace;
  if (auto wrong = beyondLimits(spec); !wrong.empty()) return Error{wrong};
  trace.spec = spec;
  if (!isTraceName(spec.name))
    return Error{"bad trace name '" + shortened(spec.name) +
                 "': use a-z, 0-9, '-' and '.', at most 253 bytes"};

  if (!spec.syscalls.empty() || spec.processes.empty()) {
    auto calls = parseCalls(spec.syscalls);
    if (!calls) return Error{calls.error()};
    trace.types = *calls;
  }
  if (!spec.processes.empty()) {
    auto processes = parseProcesses(spec.processes);
    if (!processes) return Error{processes.error()};
    trace.types |= *processes;
    if (!spec.errors.empty() || spec.minLatency)
      return Error{
          "events of processes have no result and take no time: leave out errno and minimal "
          "latency, or use a trace of its own for the system calls"};
  }

  auto labels = Selector::parseLabels(spec.labelSelector);
  if (!labels) return Error{labels.error()};
  trace.labels = *labels;

  auto fields = Selector::parseFields(spec.fieldSelector);
  if (!fields) return Error{fields.error()};
  trace.fields = *fields;

  auto filter = EventFilter::compile(spec);
  if (!filter) return Error{filter.error()};
  trace.filter = *filter;

  auto args = ArgFilter::compile(spec.args, trace.types);
  if (!args) return Error{args.error()};
  trace.args = *args;

  for (const auto* list : {&spec.addContainers, &spec.removeContainers})
    for (const std::string& reference : *list)
      if (!isReference(reference))
        return Error{"bad container '" + shortened(reference) +
                     "': expected POD/CONTAINER, NAMESPACE/POD/CONTAINER or an id"};
  trace.cgroup.path = spec.cgroup;
  if (!spec.cgroup.empty() &&
      (trace.selectsContainers() || spec.host || spec.pidNamespace || !spec.unit.empty()))
    return Error{"a cgroup names its processes by itself: leave out selectors, host, pidns, unit"};
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

bool CompiledTrace::hasScopeOf(const CompiledTrace& other) const {
  auto scope = [](const TraceSpec& s) {
    return std::tie(s.labelSelector, s.fieldSelector, s.nameSpace, s.pod, s.container,
                    s.pidNamespace, s.host, s.unit, s.cgroup, s.hostSelector, s.addContainers,
                    s.removeContainers);
  };
  return wantsHost() == other.wantsHost() && scope(spec) == scope(other.spec);
}

bool CompiledTrace::appliesTo(const std::string& node) const {
  return spec.hostSelector.empty() || std::find(spec.hostSelector.begin(), spec.hostSelector.end(),
                                                node) != spec.hostSelector.end();
}

bool CompiledTrace::wantsContainer(const Container& c, const std::string& node) const {
  if (!appliesTo(node) || refers(spec.removeContainers, c)) return false;
  if (c.isUnit() && wantsHost()) return true;
  return refers(spec.addContainers, c) || selects(c, node);
}

bool CompiledTrace::matches(const Container& c, const std::string& node) const {
  return owns(c) && wantsContainer(c, node);
}

bool CompiledTrace::selects(const Container& c, const std::string& node) const {
  if (spec.host || spec.pidNamespace) return false;
  if (!spec.cgroup.empty())
    return cgroup.id && !c.cgroupPath.empty() && isWithin(c.cgroupPath, cgroup.path);
  if (c.isUnit() || wantsUnits()) return c.isUnit() && wantsUnits() && wantsUnit(c.name);
  if (!spec.nameSpace.empty() && c.nameSpace != spec.nameSpace) return false;
  if (!spec.pod.empty() && !globMatch(spec.pod, c.pod)) return false;
  if (!spec.container.empty() && !globMatch(spec.container, c.name) &&
      !c.id.starts_with(spec.container))
    return false;
  return labels.matchesLabels(c.labels) && fields.matchesFields(c, node);
}

// Or units. Those of a traced cgroup are its processes anyhow.
bool CompiledTrace::mayWantContainers() const {
  return !spec.addContainers.empty() || (!spec.host && !spec.pidNamespace && spec.cgroup.empty());
}

// As systemctl takes it: "nginx" is nginx.service. A name as it stands comes first, since systemd's
// escapes ("dev-disk\x2dby.service") mean something else in a glob.
bool CompiledTrace::wantsUnit(const std::string& name) const {
  return name == spec.unit || globMatch(spec.unit, name) ||
         (!isUnitName(spec.unit) && name == spec.unit + ".service");
}

// A process that was asked for by number may live anywhere.
bool CompiledTrace::wantsHost() const {
  return spec.host || (spec.pid && !spec.pidNamespace && spec.cgroup.empty() &&
                       !selectsContainers() && !wantsUnits());
}

}  // namespace swoll
