// SPDX-License-Identifier: Apache-2.0
// After each of many random changes the planner has what planRules() would plan from scratch, the
// rule table has brought just that to the kernel, and nothing was written that need not be.
#include "trace/planner.h"

#include <list>
#include <random>
#include <string>

#include "fake-kernel.h"
#include "trace/rule-table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

// A spec names what it asks for; the rest has its defaults.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace {

using namespace swoll;

std::string inWords(const std::optional<ScopePlan>& plan) {
  if (!plan) return "none";
  std::string out = std::to_string(plan->container) + (plan->isNewcomer ? " new {" : " {");
  for (TraceId id : plan->traces) out += std::to_string(id) + " ";
  return out + "}";
}

// Containers and traces that know little variety, so that they meet often.
struct World {
  std::mt19937 random;
  Topology topology;
  std::map<TraceId, uint32_t> firstMatches, expectedMatches;
  Planner planner{topology, [this](TraceId id, ContainerHandle) { firstMatches[id]++; }};
  FakeKernel kernel;
  RuleTable table{kernel, kernel, kernel, [](const RouteKey&, const swoll_route_counts&) {}};
  RuleTable::Clock::time_point now{};
  std::list<CompiledTrace> compiled;
  Traces traces;
  std::vector<Container> containers;
  std::set<Scope> newcomers;
  std::map<TraceId, std::set<ContainerHandle>> ever;
  TraceId last = 0;
  uint64_t lastCgroup = 100;

  explicit World(uint32_t seed) : random(seed) { topology.setHostNamespaces(upTo(4) ? 70 : 0, 1); }

  uint32_t upTo(uint32_t n) { return uint32_t(random() % n); }
  std::string folder() { return "/" + label() + (upTo(2) ? "/" + label() : ""); }
  std::string label() { return std::string(1, char('a' + upTo(4))); }

  void addTrace() {
    static const char* const calls[] = {"openat", "close", "execve", "connect"};
    TraceSpec spec{.name = "t" + std::to_string(++last), .syscalls = {calls[upTo(4)]}};
    CgroupAt cgroup;
    switch (upTo(11)) {
      case 0:
        spec.host = true;
        break;
      case 1:
        spec.pidNamespace = 70 + upTo(4);
        break;
      case 2:
        spec.pid = 5;
        break;
      case 3:
        spec.fieldSelector = "spec.nodeName=" + label();
        break;
      case 4:
        break;
      case 5:
        spec.unit = label();
        break;
      case 6:  // it and what is in it, which may be a container and may be in one
        cgroup = {.path = folder(), .id = 1 + upTo(4)};
        spec.cgroup = cgroup.path;
        break;
      default:
        spec.labelSelector = "app=" + label();
    }
    if (upTo(4) == 0) spec.comm = "sh";
    compiled.push_back(*CompiledTrace::compile(spec));
    compiled.back().cgroup = cgroup;
    traces[last] = &compiled.back();
    planner.add(last, compiled.back());
  }
  void removeTrace() {
    if (traces.empty()) return;
    TraceId id = std::next(traces.begin(), upTo(uint32_t(traces.size())))->first;
    traces.erase(id);
    planner.remove(id);
  }

  void addContainer() {
    Container c;
    c.labels = {{"app", label()}};
    c.name = label();
    switch (upTo(8)) {
      case 0:  // several may share a namespace
        c.pidNamespace = 70 + upTo(4);
        break;
      case 1:  // nothing names it yet
        break;
      case 2:  // named while it is a newcomer
        if (!newcomers.empty()) c.cgroupId = newcomers.begin()->id;
        break;
      case 3:
        c.source = "systemd";
        [[fallthrough]];
      case 4:
        c.cgroupPath = folder();
        c.cgroupId = 1 + upTo(8);
        break;
      case 5:  // which a process may enter, the host's (70) too
        c.pidNamespace = 70 + upTo(4);
        [[fallthrough]];
      default:
        c.cgroupId = ++lastCgroup;
    }
    c.startTime = upTo(4);
    c.id = "c" + std::to_string(++lastCgroup);
    containers.push_back(c);
  }
  void relabel() {
    if (!containers.empty()) containers[upTo(uint32_t(containers.size()))].labels["app"] = label();
  }
  void removeContainer() {
    if (!containers.empty())
      containers.erase(containers.begin() + upTo(uint32_t(containers.size())));
  }
  void select() {
    NodeSelector selector{.node = label()};
    if (upTo(2)) selector.labels = *Selector::parseLabels("app!=" + label());
    planner.update(topology.select(selector));
  }
  void showNewcomer() {
    Scope scope = cgroup(++lastCgroup);
    newcomers.insert(scope);
    planner.addNewcomer(scope);
    kernel.showNewcomer(scope.id);
    table.claim(scope);
  }
  void forgetNewcomer() {
    if (newcomers.empty()) return;
    Scope scope = *std::next(newcomers.begin(), upTo(uint32_t(newcomers.size())));
    newcomers.erase(scope);
    planner.removeNewcomer(scope);
  }

  void change() {
    switch (upTo(13)) {
      case 12:
        return planner.setCounting(upTo(2));
      case 0:
        return addTrace();
      case 1:
        return upTo(2) ? removeTrace() : addTrace();
      case 2:
        return select();
      case 3:
        return showNewcomer();
      case 4:
        return forgetNewcomer();
      case 5:
      case 6:
      case 7:
        addContainer();
        break;
      case 8:
      case 9:
        removeContainer();
        break;
      default:
        relabel();
    }
    planner.update(topology.update(containers));
  }

  void apply() {
    PlanChanges changes;
    for (const Scope& scope : planner.takeChanged())
      changes.emplace_back(scope, planner.planOf(scope));
    table.setNewcomerTypes(planner.newcomerTypes(), planner.isCounting(), now);
    table.apply(changes, planner.traces(), now);
    now += std::chrono::seconds(1);
    table.recycle(now);
  }

  // What is wrong now; empty: nothing.
  std::string differs() {
    Plan plan = planRules(traces, topology, newcomers, planner.isCounting());
    if (planner.newcomerTypes() != planNewcomers(traces, planner.isCounting()))
      return "calls of newcomers";
    size_t rules = 0;
    for (const auto& [scope, wanted] : plan) {
      if (planner.planOf(scope) != wanted)
        return FakeKernel::name(scope) + ": " + inWords(planner.planOf(scope)) + ", not " +
               inWords(wanted);
      auto found = kernel.scopes.find(scope);
      if (found == kernel.scopes.end()) return FakeKernel::name(scope) + " is not in the kernel";
      if (found->second.container != wanted.container)
        return FakeKernel::name(scope) + " has another name";
      if (found->second.counted != wanted.isCounted)
        return FakeKernel::name(scope) + " is counted, or should be";
      RowPlan row = planRow(wanted.traces, traces);
      rules += row.size();
      for (CallId call = 0; call < maxCalls; call++) {
        RouteId route = found->second.row
                            ? RouteId(kernel.rows.at(found->second.row)[call] & SWOLL_ROUTE_MASK)
                            : RouteId(0);
        const RouteKey* key = table.route(route);
        bool good = wanted.isNewcomer
                        ? (route == SWOLL_NEWCOMER_ROUTE) ==
                              planNewcomers(traces, planner.isCounting()).test(call)
                        : row.contains(call) == bool(key) && (!key || *key == row.at(call));
        if (!good)
          return FakeKernel::name(scope) + " has another route for call " + std::to_string(call);
        if (route && !kernel.wanted.contains(call)) return "a call is not looked at";
      }
    }
    if (kernel.scopes.size() != plan.size()) return "scopes are left in the kernel";
    if (table.ruleCount() != rules)
      return std::to_string(table.ruleCount()) + " rules, not " + std::to_string(rules);
    return countsMatches() + kernel.wrong;
  }

  std::string countsMatches() {
    for (const auto& [id, trace] : traces)
      for (const auto& [handle, known] : topology.containers())
        if (!known.hidden && (known.info.cgroupId || known.info.pidNamespace) &&
            trace->matches(known.info, topology.node()) && ever[id].insert(handle).second)
          expectedMatches[id]++;
    for (const auto& [id, trace] : traces)
      if (firstMatches[id] != expectedMatches[id]) return "matches of trace " + std::to_string(id);
    return "";
  }
};

std::string walk(uint32_t seed, int steps) {
  World world(seed);
  for (int step = 0; step < steps; step++) {
    for (uint32_t n = world.upTo(3) + 1; n > 0; n--) {
      world.change();
      if (auto wrong = world.countsMatches(); !wrong.empty()) return wrong;
    }
    world.apply();
    if (auto wrong = world.differs(); !wrong.empty())
      return "seed " + std::to_string(seed) + " step " + std::to_string(step) + ": " + wrong;
    size_t before = world.table.writes();
    world.planner.changeAll();  // all that is as it should be is left alone
    world.apply();
    if (world.table.writes() != before) return "written again at step " + std::to_string(step);
  }
  return "";
}

void plansWhatTheSpecificationSays(void**) {
  for (uint32_t seed = 1; seed <= 40; seed++) assert_string_equal(keep(walk(seed, 150)), "");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(plansWhatTheSpecificationSays)};
  return cmocka_run_group_tests_name("planner", tests, nullptr, nullptr);
}
