// SPDX-License-Identifier: Apache-2.0
// An event that two routes bring to one trace: it is filtered, sampled, limited and counted once.
#include <string>

#include "base/text.h"
#include "fake-clock.h"
#include "fake-kernel.h"
#include "hub/hub.h"
#include "make-record.h"
#include "show-ledger.h"
#include "show-newcomer.h"

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

constexpr uint32_t space = 77;

Container container(const char* id, uint64_t cgroupId) {
  Container c;
  c.id = id, c.cgroupId = cgroupId, c.pidNamespace = space;
  return c;
}

struct CountingSink final : Sink {
  std::string log;
  bool follows(const Trace&) const override { return true; }
  const char* name() const override { return "fake"; }
  const LossCause* accept(Delivery& delivery) override {
    log += join(delivery.traceNames(), ",") + "; ";
    return nullptr;
  }
};

struct World {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};
  CountingSink sink;
  std::map<RouteId, uint32_t> sampler;

  World() {
    hub.sinks().attach(sink);
    hub.setContainers({container("a", 11)});
  }

  // By its number and by the container: each of its calls in there has two routes.
  static TraceSpec twice(TraceSpec spec) {
    spec.name = "t1";
    if (spec.syscalls.empty()) spec.syscalls = {"openat"};
    spec.pidNamespace = space;
    spec.addContainers = {"a"};
    return spec;
  }
  void add(TraceSpec spec) {
    if (spec.syscalls.empty()) spec.syscalls = {"openat"};
    auto added = hub.traces().add(spec, 0);
    if (!added) sink.log += added.error();
  }
  void replace(TraceSpec spec) {
    auto changes = hub.traces().prepare({spec}, true);
    changes ? void(hub.traces().commit(std::move(*changes), 0)) : void(sink.log += changes.error());
  }

  RecordMaker record(const char* comm = "app", const char* call = "openat") {
    RecordMaker made(call);
    strcpy(made.head().comm, comm);
    made.head().ns[SWOLL_NS_pid] = space;
    made.head().start = clock.boot;
    made.container(1);
    return made.route(kernel.route(cgroup(11), call), kernel.route(pidns(space), call));
  }
  // As the programs do: each route has its own filter, sampler and counts; two that are the same
  // are one.
  void send(RecordMaker made) {
    auto& head = made.head();
    if (head.route2 == head.route) head.route2 = 0;
    for (uint16_t* route : {&head.route, &head.route2})
      if (*route) *route = filter(*route, head.comm);
    if (head.route || head.route2) hub.intake().accept(made.data(), made.size());
  }
  RouteId filter(RouteId route, const char* comm) {
    swoll_route_counts& counts = kernel.routeCounts[route];
    const swoll_filter& filter = kernel.filters[route];
    uint64_t has[2];
    memcpy(has, comm, sizeof(has));
    counts.matched++;
    for (int i = 0; i < 2; i++)
      if ((has[i] & filter.comm_mask[i]) != filter.comm_value[i]) return counts.filtered++, 0;
    if (filter.flags & SWOLL_FILTER_sample && sampler[route]++ % filter.sample)
      return counts.sampled++, 0;
    counts.emitted++;
    return route;
  }

  std::string ledger(const char* name = "t1") {
    return inWords(hub.traces().ledger(**hub.traces().find(name)));
  }
  std::string seen() { return std::exchange(sink.log, ""); }
};

// ---- one trace, alone and with another that wants the container ----

struct Row {
  TraceSpec spec;
  bool isShared;  // with another: the container's route is not the namespace's, and unfiltered
  const char* expected;
};

std::string fourEvents(const Row& row) {
  World world;
  world.add(World::twice(row.spec));
  if (row.isShared) world.add({.name = "other", .container = "a"});
  for (const char* comm : {"sh", "app", "sh", "app"}) world.send(world.record(comm));
  std::string out = world.ledger();
  size_t delivered = 0;
  for (const std::string& names : split(world.seen(), ';'))
    delivered += names.find("t1") != names.npos;
  out += " | " + std::to_string(delivered);
  if (row.isShared) out += " | " + world.ledger("other");
  // Removed, its account is the same.
  auto removed = world.hub.traces().remove("t1");
  if (out.find(inWords((*removed)->ledger)) != 0) out += " !" + inWords((*removed)->ledger);
  return out;
}

void asksOnce(void**) {
  static const Row rows[] = {
      {{}, false, "4: 4 delivered | 4"},
      {{}, true, "4: 4 delivered | 4 | 4: 4 delivered"},
      {{.rate = 2}, false, "4: 2 delivered 2 rateLimited | 2"},
      {{.rate = 2}, true, "4: 2 delivered 2 rateLimited | 2 | 4: 4 delivered"},
      {{.sampleRate = 2}, false, "4: 2 delivered 2 sampled | 2"},
      {{.sampleRate = 2}, true, "4: 2 delivered 2 sampled | 2 | 4: 4 delivered"},
      {{.comm = "sh"}, false, "4: 2 delivered 2 filtered | 2"},
      // The namespace's route is this trace's own: what the kernel has filtered there, and the
      // container's route has brought, is filtered on each.
      {{.comm = "sh"}, true, "6: 2 delivered 4 filtered | 2 | 4: 4 delivered"},
      {{.comm = "[s]h"}, true, "4: 2 delivered 2 filtered | 2 | 4: 4 delivered"},
      {{.comm = "[s]h", .sampleRate = 2},
       true,
       "4: 1 delivered 2 filtered 1 sampled | 1 | 4: 4 delivered"},
      {{.comm = "[s]h", .rate = 1},
       true,
       "4: 1 delivered 2 filtered 1 rateLimited | 1 | 4: 4 delivered"},
  };
  for (const Row& row : rows) assert_string_equal(keep(fourEvents(row)), row.expected);
}

std::string cut() {
  World world;
  world.add(World::twice({.rate = 1}));
  world.add({.name = "other", .container = "a"});
  RecordMaker made = world.record();
  made.block(1, "/x");
  made.blockAt(0).length = 60000;
  for (int i = 0; i < 2; i++) world.send(made);
  return world.ledger() + world.seen();
}

void countsOnceWhatMakesNoSense(void**) {
  assert_string_equal(keep(cut()), "2: 1 rateLimited 1 undecodable");
}

// ---- a trace that was replaced meanwhile ----

std::string replaced() {
  World world;
  world.add(World::twice({.syscalls = {"openat", "close"}}));
  world.add({.name = "other", .syscalls = {"openat", "close"}, .container = "a"});
  RecordMaker app = world.record("app"), sh = world.record("sh"),
              close = world.record("sh", "close");
  world.replace(World::twice({.comm = "sh", .rate = 1}));
  // Both of the old rules; one of the old, one of the new.
  for (const RecordMaker& late : {app, sh, close}) world.send(late);
  std::string out = world.ledger() + "; ";
  RecordMaker mixed = sh;
  mixed.head().route2 = world.record().head().route2;
  mixed.head().finish += 2 * FakeClock::second;
  world.send(mixed);
  out += world.ledger() + "; ";
  // The new rules want the namespace alone; of them is the second route.
  TraceSpec spec = World::twice({});
  spec.addContainers.clear();
  world.replace(spec);
  mixed.head().route2 = world.record().head().route2;
  world.send(mixed);
  return out + world.ledger() + " | " + world.seen() + world.kernel.wrong;
}

void asksHeirsOnce(void**) {
  assert_string_equal(keep(replaced()),
                      "3: 1 delivered 2 filtered; 4: 2 delivered 2 filtered; "
                      "5: 3 delivered 2 filtered | "
                      "other; t1,other; other; t1,other; t1,other; ");
}

// ---- a newcomer, whose cgroup's route is nobody's ----

std::string newcomer(TraceSpec spec) {
  World world;
  world.add(World::twice(std::move(spec)));
  world.hub.setContainers({});
  showNewcomer(world.kernel, world.hub, 50);
  RecordMaker made = world.record();
  made.container(SWOLL_NEWCOMER | 50).route(SWOLL_NEWCOMER_ROUTE, made.head().route2);
  for (int i = 0; i < 4; i++) world.send(made);
  std::string out = world.ledger() + "; ";
  world.hub.setContainers({container("a", 50)}, {{50, container("a", 50)}});
  world.send(made);  // was under way
  return out + world.ledger() + " | " + world.seen() + world.kernel.wrong;
}

void asksOnceOfNewcomers(void**) {
  assert_string_equal(keep(newcomer({})), "4: 4 in flight; 5: 5 delivered | t1; t1; t1; t1; t1; ");
  assert_string_equal(keep(newcomer({.rate = 2})),
                      "4: 4 in flight; 5: 2 delivered 3 rateLimited | t1; t1; ");
  assert_string_equal(keep(newcomer({.sampleRate = 2})),
                      "4: 4 in flight; 5: 3 delivered 2 sampled | t1; t1; t1; ");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(asksOnce),
      cmocka_unit_test(countsOnceWhatMakesNoSense),
      cmocka_unit_test(asksHeirsOnce),
      cmocka_unit_test(asksOnceOfNewcomers),
  };
  return cmocka_run_group_tests_name("doubles", tests, nullptr, nullptr);
}
