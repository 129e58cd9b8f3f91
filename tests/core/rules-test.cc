// SPDX-License-Identifier: Apache-2.0
// What the kernel should do, and how it is brought there.
#include "trace/rules.h"

#include <list>
#include <random>
#include <string>

#include "base/text.h"
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
using namespace std::chrono_literals;

// ---- a world: traces by number, containers, and a table over a kernel that writes down ----

Container container(const char* id, uint64_t cgroupId, const char* app, uint32_t pidNamespace = 0) {
  Container c;
  c.id = id, c.cgroupId = cgroupId, c.pidNamespace = pidNamespace, c.nameSpace = "swoll";
  c.labels = {{"app", app}};
  return c;
}

struct World {
  std::list<CompiledTrace> compiled;
  Traces traces;
  Topology topology;
  FakeKernel kernel;
  std::string retired;  // "1,2:matched "
  RuleTable table{kernel, kernel, kernel,
                  [this](const RouteKey& key, const swoll_route_counts& counts) {
                    for (TraceId id : key.traces) retired += std::to_string(id) + " ";
                    retired += "matched " + std::to_string(counts.matched) + " abandoned " +
                               std::to_string(counts.abandoned) + "; ";
                  }};
  RuleTable::Clock::time_point now{};
  Plan before;

  void trace(TraceId id, TraceSpec spec) {
    if (spec.name.empty()) spec.name = "t" + std::to_string(id);
    if (spec.syscalls.empty()) spec.syscalls = {"openat"};
    auto made = CompiledTrace::compile(spec);
    compiled.push_back(made ? *made : abort(made.error()));
    traces[id] = &compiled.back();
  }
  [[noreturn]] static CompiledTrace abort(const std::string& error) {
    fprintf(stderr, "%s\n", error.c_str());
    ::abort();
  }
  Plan plan() const { return planRules(traces, topology); }
  std::string apply() {
    Plan wanted = plan();
    PlanChanges changes;
    for (const auto& [scope, is] : before)
      if (!wanted.contains(scope)) changes.emplace_back(scope, std::nullopt);
    for (const auto& [scope, is] : wanted) changes.emplace_back(scope, is);
    before = std::move(wanted);
    return table.apply(changes, traces, now).value_or("ok");
  }
  std::string applied() {
    std::string answer = apply();
    return answer + "; " + std::to_string(kernel.scopes.size()) + " scopes, " +
           std::to_string(table.ruleCount()) + " rules";
  }
  // What apply() does to the kernel.
  std::string writes() {
    kernel.done();
    std::string answer = apply();
    return (answer == "ok" ? "" : answer + " | ") + kernel.done() +
           (kernel.wrong.empty() ? "" : " !" + kernel.wrong);
  }
  void later(std::chrono::milliseconds time) {
    now += time;
    table.recycle(now);
  }
};

std::string whose(ContainerHandle handle) {
  if (handle == SWOLL_ENTERED) return "entered";
  return (isUnit(handle) ? "u" : "") + std::to_string(handle & ~SWOLL_UNIT);
}

// "cgroup 1=1{1,2}; host=0{3}".
std::string inWords(const Plan& plan) {
  std::string out;
  for (const auto& [scope, wanted] : plan) {
    std::vector<std::string> ids;
    for (TraceId id : wanted.traces) ids.push_back(std::to_string(id));
    out += (out.empty() ? "" : "; ") + FakeKernel::name(scope) + "=" + whose(wanted.container) +
           "{" + join(ids, ",") + "}";
  }
  return out;
}

// ---- planRules ----

struct PlanRow {
  std::vector<TraceSpec> traces;  // 1, 2, ...
  std::vector<Container> containers;
  const char* expected;
};

const std::vector<Container> two = {container("a", 11, "nginx"), container("b", 12, "redis")};
const std::vector<Container> bare = {container("p", 0, "", 77)};

const PlanRow planRows[] = {
    {{}, two, ""},
    {{{}}, {}, ""},
    {{{}}, two, "cgroup 11=1{1}; cgroup 12=2{1}"},
    {{{.labelSelector = "app=nginx"}}, two, "cgroup 11=1{1}"},
    {{{.labelSelector = "app=nginx"}, {}}, two, "cgroup 11=1{1,2}; cgroup 12=2{2}"},
    {{{.nameSpace = "other"}}, two, ""},
    {{{.container = "b"}}, two, "cgroup 12=2{1}"},
    // The host's processes: containers are named, so that theirs are not taken for the host's.
    {{{.host = true}}, two, "host=0{1}; cgroup 11=1{}; cgroup 12=2{}"},
    {{{.host = true}, {.labelSelector = "app=nginx"}},
     two,
     "host=0{1}; cgroup 11=1{2}; cgroup 12=2{}"},
    // One process may live anywhere, unless selectors say where.
    {{{.pid = 5}}, two, "host=0{1}; cgroup 11=1{1}; cgroup 12=2{1}"},
    {{{.labelSelector = "app=nginx", .pid = 5}}, two, "cgroup 11=1{1}"},
    // Pid namespaces: of a container without a cgroup, and asked for by number.
    {{{}}, bare, "pidns 77=1{1}"},
    {{{.pidNamespace = 99}}, {}, "pidns 99=0{1}"},
    {{{.pidNamespace = 77}}, bare, "pidns 77=1{1}"},  // it keeps its name
    {{{.pidNamespace = 77}, {}}, bare, "pidns 77=1{1,2}"},
    {{{}, {.pidNamespace = 77}}, bare, "pidns 77=1{1,2}"},
    {{{.pidNamespace = 99}}, bare, "pidns 99=0{1}"},
    {{{.pidNamespace = 99}}, two, "cgroup 11=1{}; cgroup 12=2{}; pidns 99=0{1}"},
    {{{}}, {container("?", 0, "")}, ""},  // nothing names it yet
};

// ---- units, and the namespaces of those whom a cgroup names ----

Container unit(const char* name, uint64_t cgroupId) {
  Container c;
  c.source = "systemd", c.id = c.name = name, c.cgroupId = cgroupId;
  return c;
}

const std::vector<Container> mixed = {container("a", 11, "nginx", 77), container("b", 12, "", 1),
                                      unit("u\\x2db.service", 23), unit("v.scope", 22),
                                      unit("web.service", 21)};

// The host's pid namespace is 1.
const PlanRow mixedRows[] = {
    // Neither those that choose containers nor those that take all of them want units.
    {{{}}, mixed, "cgroup 11=1{1}; cgroup 12=2{1}"},
    {{{.pidNamespace = 77}}, mixed, "cgroup 11=1{}; cgroup 12=2{}; pidns 77=0{1}"},
    // Units stay the host's, and say which they are.
    {{{.host = true}},
     mixed,
     "host=0{1}; cgroup 11=1{}; cgroup 12=2{}; cgroup 21=u5{1}; cgroup 22=u4{1}; "
     "cgroup 23=u3{1}; pidns 77=entered{}"},
    {{{.pid = 5}},
     mixed,
     "host=0{1}; cgroup 11=1{1}; cgroup 12=2{1}; cgroup 21=u5{1}; cgroup 22=u4{1}; "
     "cgroup 23=u3{1}; pidns 77=entered{}"},
    // All are named, so that one within another is not taken for that.
    {{{.unit = "*.scope"}},
     mixed,
     "cgroup 11=1{}; cgroup 12=2{}; cgroup 21=u5{}; cgroup 22=u4{1}; cgroup 23=u3{}; "
     "pidns 77=entered{}"},
    {{{.unit = "web"}, {.host = true}, {.unit = "u\\x2db.service"}, {.unit = "v"}},
     mixed,
     "host=0{2}; cgroup 11=1{}; cgroup 12=2{}; cgroup 21=u5{1,2}; cgroup 22=u4{2}; "
     "cgroup 23=u3{2,3}; pidns 77=entered{}"},
    {{{.pid = 5, .unit = "web.service"}},
     mixed,
     "cgroup 11=1{}; cgroup 12=2{}; cgroup 21=u5{1}; cgroup 22=u4{}; cgroup 23=u3{}; "
     "pidns 77=entered{}"},
    {{{.host = true}, {.pidNamespace = 77}},
     mixed,
     "host=0{1}; cgroup 11=1{}; cgroup 12=2{}; cgroup 21=u5{1}; cgroup 22=u4{1}; "
     "cgroup 23=u3{1}; pidns 77=entered{2}"},
};

std::string planned(const PlanRow& row) {
  World world;
  for (size_t i = 0; i < row.traces.size(); i++) world.trace(TraceId(i + 1), row.traces[i]);
  world.topology.setHostNamespaces(1, 2);
  world.topology.update(row.containers);
  return inWords(world.plan());
}

void plansScopes(void**) {
  for (const auto& row : mixedRows) assert_string_equal(keep(planned(row)), row.expected);
  for (const auto& row : planRows) assert_string_equal(keep(planned(row)), row.expected);
}

std::string planHidden(TraceSpec spec) {
  World world;
  world.trace(1, std::move(spec));
  world.topology.select({*Selector::parseLabels("app!=redis"), {}, "", ""});
  world.topology.update(two);
  return inWords(world.plan());
}

void leavesHiddenContainersAlone(void**) {
  assert_string_equal(keep(planHidden({})), "cgroup 11=1{1}");
  assert_string_equal(keep(planHidden({.host = true})), "host=0{1}; cgroup 11=1{}; cgroup 12=2{}");
}

// ---- planRow ----

// "openat{1,2} close{2}~": ~ inexact, * filtered in the kernel.
std::string rowInWords(const std::vector<TraceSpec>& specs) {
  World world;
  TraceSet set;
  for (size_t i = 0; i < specs.size(); i++) {
    set.push_back(TraceId(i + 1));
    world.trace(set.back(), specs[i]);
  }
  std::string out;
  for (const auto& [call, key] : planRow(set, world.traces)) {
    std::vector<std::string> ids;
    for (TraceId id : key.traces) ids.push_back(std::to_string(id));
    out += (out.empty() ? "" : " ") + std::string(syscall(call).name) + "{" + join(ids, ",") + "}";
    if (key.test.filter.flags) out += "*";
    if (!key.test.exact) out += "~";
  }
  return out;
}

void plansRows(void**) {
  static const struct {
    std::vector<TraceSpec> traces;
    const char* expected;
  } rows[] = {
      {{}, ""},
      {{{.syscalls = {"close", "openat"}}}, "close{1} openat{1}"},
      {{{.syscalls = {"openat"}}, {.syscalls = {"close", "openat"}}}, "close{2} openat{1,2}"},
      {{{.comm = "sh"}}, "openat{1}*"},
      {{{.comm = "*sh"}}, "openat{1}*~"},
      // Equal filters share the kernel's; different ones are all tested in user space.
      {{{.comm = "sh"}, {.comm = "sh"}}, "openat{1,2}*"},
      {{{.comm = "*sh"}, {.comm = "*sh"}}, "openat{1,2}*~"},
      {{{.comm = "sh"}, {.comm = "ls"}}, "openat{1,2}~"},
      {{{.comm = "sh"}, {}}, "openat{1,2}~"},
      {{{}, {.comm = "sh"}, {}}, "openat{1,2,3}~"},
      {{{.comm = "sh"}, {.comm = "ls"}, {.comm = "sh"}}, "openat{1,2,3}~"},
      {{{.sampleRate = 2}, {.sampleRate = 2}}, "openat{1,2}*"},
      {{{.sampleRate = 2}, {.sampleRate = 3}}, "openat{1,2}~"},
      // Only where they meet.
      {{{.syscalls = {"close", "openat"}, .comm = "sh"}, {.syscalls = {"openat"}}},
       "close{1}* openat{1,2}~"},
  };
  for (const auto& row : rows) assert_string_equal(keep(rowInWords(row.traces)), row.expected);
}

// ---- the table over the kernel ----

const TraceSpec nginxTrace = {.syscalls = {"execve", "openat", "connect", "accept4"},
                              .labelSelector = "app=nginx",
                              .nameSpace = "swoll"};
const TraceSpec execTrace = {.syscalls = {"execve"}};

// Routes of (container, call) in the kernel: "execve 3 openat 1 ...", numbers as they come.
std::string routesOf(const World& world, uint64_t cgroupId) {
  std::string out;
  for (const char* call : {"execve", "openat", "connect", "accept4"})
    out += std::to_string(world.kernel.route(cgroup(cgroupId), call)) + " ";
  return out;
}

bool sameTraces(const World& world, uint64_t cgroupId, const char* call, TraceSet expected) {
  const RouteKey* key = world.table.route(world.kernel.route(cgroup(cgroupId), call));
  return expected.empty() ? key == nullptr : key && key->traces == expected;
}

std::string twoTraces() {
  World world;
  std::string wrong;
  auto check = [&](bool good, const char* what) {
    if (!good) wrong += std::string(what) + "; ";
    if (!world.kernel.wrong.empty()) wrong += world.kernel.wrong;
  };
  world.topology.update(two);
  check(world.writes() == "", "no trace, no write");
  check(world.table.empty() && world.table.ruleCount() == 0, "empty");

  world.trace(1, nginxTrace);
  check(world.apply() == "ok", "nginx alone");
  check(world.table.ruleCount() == 4, "four rules");
  check(routesOf(world, 12) == "0 0 0 0 ", "the other container is not traced");
  world.trace(2, execTrace);
  check(world.apply() == "ok", "both");
  check(world.table.ruleCount() == 5, "one rule a container and call");
  check(sameTraces(world, 11, "execve", {1, 2}), "one route for both");
  check(sameTraces(world, 11, "openat", {1}), "openat is nginx's alone");
  check(sameTraces(world, 12, "execve", {2}), "execve of the other");
  check(sameTraces(world, 12, "openat", {}), "no openat of the other");

  // One goes; what the other needs stays.
  world.traces.erase(1);
  check(world.apply() == "ok", "one removed");
  check(world.table.ruleCount() == 2, "two rules left");
  check(sameTraces(world, 11, "execve", {2}), "execve stays");
  check(sameTraces(world, 11, "openat", {}), "openat goes");
  // Calls that entered before are waited for; then the kernel no longer looks at theirs.
  check(world.kernel.wanted.size() == 4, "calls under way are still looked at");
  auto later = RuleTable::Clock::now() + std::chrono::seconds(1);
  world.table.recycle(later);
  world.table.recycle(later);
  check(world.kernel.wanted.size() == 1, "the kernel looks at one call");
  world.traces.erase(2);
  check(world.apply() == "ok" && world.table.empty(), "nothing is left");
  world.table.detached();
  check(world.kernel.wanted.empty() && world.kernel.scopes.empty(), "nor in the kernel");
  return wrong;
}

void sharesRules(void**) { assert_string_equal(keep(twoTraces()), ""); }

// What each change costs, in the order in which it reaches the kernel.
std::string costs() {
  World world;
  std::string out;
  auto step = [&] { out += world.writes() + "\n"; };
  auto see = [&](const std::vector<Container>& now) {
    world.topology.update(now);
    step();
  };
  world.trace(1, {.syscalls = {"openat"}});
  see({container("a", 11, "x")});                           // routes, row, scope
  see({container("a", 11, "x"), container("b", 12, "x")});  // joins: one write
  see({container("a", 11, "x"), container("b", 12, "y")});  // a label of no trace: none
  step();                                                   // nothing changed
  see({container("b", 12, "y")});                           // leaves: one write
  world.trace(2, {.syscalls = {"openat"}});
  step();  // a new set of traces: a new row
  world.traces.erase(1);
  step();
  world.traces.erase(2);
  step();
  return out;
}

void writesLittle(void**) {
  assert_string_equal(keep(costs()),
                      "route 1; row 1; cgroup 11=1/row 1\n"
                      "cgroup 12=2/row 1\n"
                      "\n"
                      "\n"
                      "no cgroup 11\n"
                      "route 2; row 2; cgroup 12=2/row 2\n"
                      "route 3; row 3; cgroup 12=2/row 3\n"
                      "no cgroup 12\n");
}

std::string sharedRows() {
  World world;
  std::vector<Container> many;
  for (uint64_t i = 1; i <= 1000; i++) many.push_back(container("c", i, i % 2 ? "nginx" : "redis"));
  for (size_t i = 0; i < many.size(); i++) many[i].id += std::to_string(i);
  world.trace(1, nginxTrace);
  world.trace(2, execTrace);
  world.topology.update(many);
  if (world.apply() != "ok") return "no room";
  std::string out = std::to_string(world.kernel.rows.size()) + " rows, " +
                    std::to_string(world.kernel.filters.size()) + " routes, " +
                    std::to_string(world.table.ruleCount()) + " rules, ";
  return out + std::to_string(world.table.writes()) + " writes" + world.kernel.wrong;
}

// Rows for {1,2} and {2}; routes for {1}, {2} and both; 500 * 4 + 500 rules.
void sharesRows(void**) {
  assert_string_equal(keep(sharedRows()), "2 rows, 3 routes, 2500 rules, 1005 writes");
}

// ---- numbers that are given back ----

std::string retire() {
  World world;
  std::string out;
  auto say = [&](const char* when) {
    out +=
        std::string(when) + ": " + world.retired + (world.table.route(1) ? "known" : "gone") + "\n";
  };
  world.trace(1, {.syscalls = {"openat"}});
  world.topology.update({container("a", 11, "x")});
  world.apply();
  world.kernel.routeCounts[1] = {.matched = 10, .emitted = 8, .filtered = 1};
  world.traces.clear();
  world.apply();
  size_t drains = world.kernel.drains;
  say("one in flight");
  world.later(1s);
  say("still in flight");
  if (world.kernel.drains != drains) out += "drained for nothing\n";
  world.kernel.routeCounts[1] = {.matched = 10, .emitted = 9, .filtered = 1};
  // A record that is in the ring yet still finds its route.
  bool routed = false;
  world.kernel.onDrain = [&] { routed = world.table.route(1) != nullptr; };
  world.later(1s);
  say(routed ? "ended, drained" : "ended");
  return out;
}

void retiresRoutesWhenNothingIsInFlight(void**) {
  assert_string_equal(keep(retire()),
                      "one in flight: known\n"
                      "still in flight: known\n"
                      "ended, drained: 1 matched 10 abandoned 0; gone\n");
}

std::string rest() {
  World world;
  world.trace(1, {.syscalls = {"openat"}});
  world.topology.update({container("a", 11, "x")});
  world.apply();
  world.traces.clear();
  world.apply();
  std::string out;
  // Nothing is in flight, but a program may be reading the row.
  world.later(50ms);
  out += world.retired.empty() ? "rests, " : "too early, ";
  world.later(60ms);
  return out + (world.retired.empty() ? "too late" : "retired");
}

void letsRowsRest(void**) { assert_string_equal(keep(rest()), "rests, retired"); }

std::string detach() {
  World world;
  world.trace(1, {.syscalls = {"openat"}});
  world.topology.update({container("a", 11, "x")});
  world.apply();
  world.kernel.routeCounts[1] = {.matched = 10, .emitted = 7};
  world.traces.clear();
  world.apply();
  world.table.detached();
  return world.retired + (world.table.route(1) ? "known" : "gone");
}

void settlesWhatWillNotArrive(void**) {
  assert_string_equal(keep(detach()), "1 matched 10 abandoned 3; gone");
}

// A number is used again with fresh counts, and not before its time.
std::string reuse() {
  World world;
  std::string out;
  world.topology.update({container("a", 11, "x")});
  for (TraceId id = 1; id <= 20'000; id++) {
    world.traces.clear();
    world.compiled.clear();
    world.trace(id, {.syscalls = {"openat"}});
    if (world.apply() != "ok") return "full at " + std::to_string(id);
    RouteId route = world.kernel.route(cgroup(11), "openat");
    if (world.kernel.routeCounts[route].matched) return "old counts at " + std::to_string(id);
    world.kernel.routeCounts[route] = {.matched = 1, .emitted = 1};
    if (id % 1000 == 0) world.later(200ms);
  }
  return world.kernel.wrong;
}

void usesNumbersAgain(void**) { assert_string_equal(keep(reuse()), ""); }

// ---- no room ----

// More distinct sets of traces than the kernel has rows for: n traces, a container for each pair.
std::string manySets(size_t pairs, bool free) {
  World world;
  std::vector<Container> containers;
  constexpr TraceId traces = 70;
  for (TraceId id = 0; id < traces; id++) {
    std::string label = "t" + std::to_string(id);
    world.trace(id + 1, {.syscalls = {"openat"}, .labelSelector = label});
  }
  for (TraceId a = 0; a < traces && containers.size() < pairs; a++)
    for (TraceId b = a + 1; b < traces && containers.size() < pairs; b++) {
      Container c =
          container(("c" + std::to_string(containers.size())).c_str(), containers.size() + 1, "x");
      c.labels = {{"t" + std::to_string(a), ""}, {"t" + std::to_string(b), ""}};
      containers.push_back(c);
    }
  world.topology.update(containers);
  std::string answer = world.applied();
  if (free) {  // some leave: the others find room, once the rows have rested
    containers.erase(containers.begin(), containers.begin() + 1000);
    world.topology.update(containers);
    world.apply();
    world.later(1s);
    answer += "; " + world.applied();
  }
  return answer + world.kernel.wrong;
}

void saysWhenRowsAreExhausted(void**) {
  assert_string_equal(keep(manySets(SWOLL_NEWCOMER_ROW - 1, false)), "ok; 2046 scopes, 2046 rules");
  assert_string_equal(
      keep(manySets(SWOLL_MAX_ROWS + 100, true)),
      "the kernel's table of rules is full; some containers are not traced; 2046 scopes, "
      "2046 rules; ok; 1148 scopes, 1148 rules");
}

// Traces that each want a random half of all calls, five of them for each container: a row for
// each, and in it a route for most of the 31 ways in which the five meet.
std::string manyRoutes() {
  World world;
  std::mt19937 random(7);
  constexpr TraceId traces = 40;
  for (TraceId id = 1; id <= traces; id++) {
    TraceSpec spec{.labelSelector = "t" + std::to_string(id)};
    for (CallId call = 1; call < syscallTable().size(); call++)
      if (random() % 2) spec.syscalls.push_back(syscall(call).name);
    world.trace(id, spec);
  }
  std::vector<Container> containers;
  for (uint64_t i = 1; i <= 1000; i++) {
    containers.push_back(container(("c" + std::to_string(i)).c_str(), i, "x"));
    for (int n = 0; n < 5; n++)
      containers.back().labels["t" + std::to_string(1 + random() % traces)] = "";
  }
  world.topology.update(containers);
  std::string answer = world.apply() + world.kernel.wrong;
  size_t fit = world.kernel.scopes.size();
  if (fit < 100 || fit >= containers.size()) answer += "; " + std::to_string(fit) + " fit";
  // What was taken for a row that did not fit is given back: as many fit again.
  world.topology.update({});
  world.apply();
  world.later(1s);
  world.topology.update(containers);
  world.apply();
  if (size_t then = world.kernel.scopes.size(); then != fit)
    answer += "; first " + std::to_string(fit) + ", then " + std::to_string(then);
  return answer;
}

void saysWhenRoutesAreExhausted(void**) {
  assert_string_equal(keep(manyRoutes()),
                      "the kernel's table of rules is full; some containers are not traced");
}

std::string fewScopes() {
  World world;
  world.kernel.scopeRoom = 1;
  world.trace(1, {.syscalls = {"openat"}});
  world.topology.update(two);
  std::string out = world.applied();
  world.kernel.scopeRoom = 2;
  return out + "; " + world.applied();
}

void saysWhenScopesAreExhausted(void**) {
  assert_string_equal(keep(fewScopes()),
                      "the kernel's table of containers is full; some containers are not traced; 1 "
                      "scopes, 1 rules; "
                      "ok; 2 scopes, 2 rules");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(plansScopes),
      cmocka_unit_test(leavesHiddenContainersAlone),
      cmocka_unit_test(plansRows),
      cmocka_unit_test(sharesRules),
      cmocka_unit_test(writesLittle),
      cmocka_unit_test(sharesRows),
      cmocka_unit_test(retiresRoutesWhenNothingIsInFlight),
      cmocka_unit_test(letsRowsRest),
      cmocka_unit_test(settlesWhatWillNotArrive),
      cmocka_unit_test(usesNumbersAgain),
      cmocka_unit_test(saysWhenRowsAreExhausted),
      cmocka_unit_test(saysWhenRoutesAreExhausted),
      cmocka_unit_test(saysWhenScopesAreExhausted),
  };
  return cmocka_run_group_tests_name("rules", tests, nullptr, nullptr);
}
