// SPDX-License-Identifier: Apache-2.0
// While traces come and go without a pause, the numbers of routes come back and calls that nobody
// wants any more are left alone, each in its own time; and to look for them costs little.
#include <algorithm>
#include <list>
#include <string>

#include "fake-clock.h"
#include "fake-kernel.h"
#include "hub/hub.h"
#include "make-record.h"

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

Container container(const char* id, uint64_t cgroupId) {
  Container c;
  c.id = id, c.cgroupId = cgroupId;
  return c;
}

// One container, and one trace at a time.
struct World {
  Topology topology;
  Planner planner{topology};
  FakeKernel kernel;
  swoll_route_counts final{};  // of all routes that are gone
  RuleTable table{kernel, kernel, kernel,
                  [this](const RouteKey&, const swoll_route_counts& counts) {
                    final.matched += counts.matched, final.emitted += counts.emitted;
                    final.abandoned += counts.abandoned;
                  }};
  RuleTable::Clock::time_point now{};
  std::list<CompiledTrace> compiled;
  TraceId last = 0;
  size_t mostRoutes = 0, mostWanted = 0, mostReads = 0;
  std::string problem;

  World() { planner.update(topology.update({container("a", 11)})); }

  size_t routes() const {
    size_t sum = 0;
    table.eachRoute([&](RouteId, const RouteKey&) { sum++; });
    return sum;
  }
  void apply() {
    PlanChanges changes;
    for (const Scope& scope : planner.takeChanged())
      changes.emplace_back(scope, planner.planOf(scope));
    problem = table.apply(changes, planner.traces(), now).value_or(problem);
  }
  // Another trace in place of the last one. Answers its route.
  RouteId change(const std::string& call) {
    if (last) planner.remove(last);
    if (!compiled.empty()) compiled.pop_front();
    compiled.push_back(
        *CompiledTrace::compile({.name = "t" + std::to_string(++last), .syscalls = {call}}));
    planner.add(last, compiled.back());
    apply();
    return kernel.route(cgroup(11), call.c_str());
  }
  void end() {
    planner.remove(last);
    compiled.clear();
    apply();
  }
  void tick() {
    size_t before = kernel.countsRead;
    table.recycle(now);
    mostReads = std::max(mostReads, kernel.countsRead - before);
    mostRoutes = std::max(mostRoutes, routes());
    mostWanted = std::max(mostWanted, kernel.wanted.size());
  }
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 100ms) now += 100ms, tick();
  }
};

// ---- a change every 50 ms ----

std::string churn(bool sleeps) {
  World world;
  uint64_t calls = 0;
  RouteId sleeper = 0;
  for (auto time = 0ms; time < 600s; time += 50ms) {
    world.now += 50ms;
    const Syscall& row = syscall(CallId(1 + time / 50ms % 300));
    RouteId route = world.change(row.name);
    if (!world.problem.empty()) return world.problem;
    swoll_route_counts& counts = world.kernel.routeCounts[route];
    if (counts.matched) return "a route is used again with its counts";
    calls++, counts.matched++;
    // One sleeps all the time; it holds up no other.
    if (sleeps && !sleeper)
      sleeper = route;
    else
      counts.emitted++;
    if (time % 100ms == 0ms) world.tick();
  }
  if (world.mostRoutes > 8) return std::to_string(world.mostRoutes) + " routes";
  if (world.mostWanted > 8) return std::to_string(world.mostWanted) + " calls are looked at";
  if (world.mostReads > 4) return std::to_string(world.mostReads) + " routes looked at in a tick";
  if (sleeper) world.kernel.routeCounts[sleeper].emitted++;
  world.end();
  world.pass(10s);
  if (world.final.matched != calls || world.final.emitted != calls || world.final.abandoned)
    return "the sums do not close";
  return std::to_string(world.routes()) + " routes, " + std::to_string(world.kernel.wanted.size()) +
         " calls left" + world.kernel.wrong;
}

void givesNumbersBackWhileTracesComeAndGo(void**) {
  assert_string_equal(keep(churn(false)), "0 routes, 0 calls left");
  assert_string_equal(keep(churn(true)), "0 routes, 0 calls left");
}

// The same of the hub: each call is under way while its trace is replaced by the next one.
std::string replace() {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};
  hub.setContainers({container("a", 11)});
  constexpr uint64_t step = FakeClock::second / 20, steps = 600 * 20;
  std::optional<RecordMaker> underWay;
  auto end = [&] {
    if (!underWay) return;
    kernel.routeCounts[underWay->head().route].emitted++;
    hub.intake().accept(underWay->data(), underWay->size());
    underWay.reset();
  };
  for (uint64_t i = 0; i < steps; i++) {
    clock.boot += step;
    TraceSpec spec{.name = "t1", .syscalls = {"openat"}, .comm = "app"};
    if (i % 2) spec.syscalls = {"openat", "close"};
    auto changes = hub.traces().prepare({spec}, true);
    hub.traces().commit(std::move(*changes), 0);
    end();
    RouteId route = kernel.route(cgroup(11), "openat");
    kernel.routeCounts[route].matched++;
    underWay.emplace("openat").route(route).container(1);
    if (i % 2) hub.tick();
    const Trace& trace = **hub.traces().find("t1");
    if (!trace.reason.empty()) return trace.reason;
    if (kernel.wanted.size() > 2) return "calls pile up";
  }
  end();
  Ledger ledger = hub.traces().ledger(**hub.traces().find("t1"));
  if (ledger.matched != steps || ledger.delivered != steps || ledger.inFlight())
    return std::to_string(ledger.matched) + " matched, " + std::to_string(ledger.delivered) +
           " delivered";
  size_t before = kernel.countsRead;
  hub.traces().ledger(**hub.traces().find("t1"));
  if (kernel.countsRead - before > 8) return "the ledger has many routes";
  return std::to_string(hub.intake().counters().unrouted) + " unrouted" + kernel.wrong;
}

void closesLedgersWhileTracesAreReplaced(void**) {
  assert_string_equal(keep(replace()), "0 unrouted");
}

// ---- many routes whose calls sleep ----

std::string crowd() {
  World world;
  constexpr size_t many = 1000;
  std::vector<RouteId> sleepers;
  for (size_t i = 0; i < many; i++) {
    sleepers.push_back(world.change("read"));
    world.kernel.routeCounts[sleepers.back()].matched++;
  }
  world.end();
  world.pass(20s);
  size_t before = world.kernel.countsRead;
  world.pass(10s);
  size_t reads = world.kernel.countsRead - before;
  if (world.routes() != many) return "a route is gone too early";
  if (reads > 3 * many) return std::to_string(reads) + " looks at sleeping routes in 10 s";
  for (RouteId id : sleepers) world.kernel.routeCounts[id].emitted++;
  world.pass(6s);
  return std::to_string(world.routes()) + " left";
}

void looksSeldomAtWhatSleeps(void**) { assert_string_equal(keep(crowd()), "0 left"); }

// ---- calls ----

// A call is looked at as long as one of its own is under way, and no longer.
std::string calls() {
  World world;
  RouteId sleeper = world.change("read");
  world.kernel.routeCounts[sleeper].matched++;
  world.change("close");
  std::string out;
  auto say = [&] {
    for (const char* call : {"read", "close", "openat"})
      if (world.kernel.wanted.contains(callsByName(call).front())) out += std::string(call) + " ";
    out += "| ";
  };
  world.pass(1s);
  world.change("openat");
  say();
  world.pass(200ms);
  say();
  world.kernel.routeCounts[sleeper].emitted++;
  world.pass(6s);
  say();
  return out;
}

void looksAtCallsUnderWay(void**) {
  assert_string_equal(keep(calls()), "read close openat | read openat | openat | ");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(givesNumbersBackWhileTracesComeAndGo),
      cmocka_unit_test(closesLedgersWhileTracesAreReplaced),
      cmocka_unit_test(looksSeldomAtWhatSleeps),
      cmocka_unit_test(looksAtCallsUnderWay),
  };
  return cmocka_run_group_tests_name("retire", tests, nullptr, nullptr);
}
