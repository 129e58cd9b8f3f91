// SPDX-License-Identifier: Apache-2.0
// A trace that takes another's place gets those calls under way that are its own by its present
// scope too, and no others: these count as filtered.
#include <string>

#include "fake-clock.h"
#include "fake-kernel.h"
#include "hub/hub.h"
#include "make-record.h"
#include "show-ledger.h"

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

Container container(const char* id, uint64_t cgroupId, const char* path, uint32_t space) {
  Container c;
  c.id = c.name = id, c.cgroupId = cgroupId, c.cgroupPath = path, c.pidNamespace = space;
  return c;
}

CgroupAt findCgroup(const std::string& path) {
  static const std::map<std::string, uint64_t> ids = {{"/", 1},
                                                      {"/x", 31},
                                                      {"/x/deep", 32},
                                                      {"/y", 33},
                                                      {"/pods", 34},
                                                      {"/units", 35},
                                                      {"/units/u.service/in", 36}};
  auto found = ids.find(path);
  return {path, found == ids.end() ? 0 : found->second};
}

// Whose call it is, as the kernel says it in the record.
struct Caller {
  Scope scope;  // that has the route
  ContainerHandle handle = 0;
  uint32_t space = initialPidNamespace;
};
constexpr ContainerHandle a = 1, u = SWOLL_UNIT | 2, gone = 9999;
const Caller onHost{host}, inA{cgroup(11), a, 77}, inU{cgroup(21), u}, inX{cgroup(31)},
    inDeep{cgroup(32)}, inUnit{cgroup(36), u}, in88{pidns(88), 0, 88}, below88{pidns(88), 0, 99},
    inGone{cgroup(11), gone, 55};

struct Row {
  TraceSpec before, after;
  Caller caller;
  bool isWanted;
};

std::string lateCall(const Row& row) {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};
  hub.traces().setFindCgroup(findCgroup);
  hub.topology().setHostNamespaces(initialPidNamespace, 1);
  Container unit = container("u.service", 21, "/units/u.service", 0);
  unit.source = "systemd";
  hub.setContainers({container("a", 11, "/pods/a", 77), unit});
  (void)hub.traces().add({.name = "other", .syscalls = {"close"}}, 0);  // keeps the hooks on
  for (TraceSpec spec : {row.before, row.after}) {
    spec.name = "t1";
    spec.syscalls = {"openat"};
    bool isFirst = hub.traces().all().size() == 1;
    auto changes = hub.traces().prepare({spec}, true);
    if (!changes) return changes.error();
    RouteId route = kernel.route(row.caller.scope, "openat");
    hub.traces().commit(std::move(*changes), 0);
    if (isFirst) continue;
    if (!route) return "the call is not traced at all";
    RecordMaker made("openat");
    bool isByNumber = row.caller.scope.kind == ScopeKind::pidNamespace;
    made.route(isByNumber ? 0 : route, isByNumber ? route : 0).container(row.caller.handle);
    made.head().ns[SWOLL_NS_pid] = row.caller.space;
    kernel.routeCounts[route] = {.matched = 1, .emitted = 1};
    hub.intake().accept(made.data(), made.size());
  }
  return inWords(hub.traces().ledger(**hub.traces().find("t1"))) + kernel.wrong;
}

std::string wrongRows() {
  const Row rows[] = {
      {{.cgroup = "/x"}, {.rate = 9, .cgroup = "/x"}, inX, true},
      {{.cgroup = "/x"}, {.cgroup = "/y"}, inX, false},
      {{.cgroup = "/x/deep"}, {.cgroup = "/x"}, inDeep, true},
      {{.cgroup = "/x"}, {.cgroup = "/x/deep"}, inX, false},  // which of them is it?
      {{.cgroup = "/x"}, {.cgroup = "/"}, inX, true},
      {{.cgroup = "/x"}, {.host = true}, inX, true},
      {{.cgroup = "/x"}, {.unit = "u"}, inX, false},
      {{.cgroup = "/x"}, {.pidNamespace = 88}, inX, false},
      {{.cgroup = "/x"}, {}, inX, false},
      {{.cgroup = "/pods"}, {.cgroup = "/y"}, inA, false},
      {{.cgroup = "/pods"}, {.cgroup = "/"}, inA, true},
      {{.cgroup = "/pods"}, {.container = "a"}, inA, true},
      {{.cgroup = "/x", .addContainers = {"a"}}, {.cgroup = "/x"}, inA, false},
      {{.cgroup = "/x", .addContainers = {"a"}}, {.cgroup = "/"}, inA, true},
      {{.cgroup = "/units/u.service/in"},
       {.rate = 9, .cgroup = "/units/u.service/in"},
       inUnit,
       true},
      {{.cgroup = "/units/u.service/in"}, {.unit = "u"}, inUnit, true},
      {{.cgroup = "/units/u.service/in"}, {.cgroup = "/x"}, inUnit, false},

      {{.host = true}, {.host = true, .rate = 9}, onHost, true},
      {{.host = true}, {.host = true, .hostSelector = {"elsewhere"}}, onHost, false},
      {{.host = true}, {.pid = 70}, onHost, true},
      {{.host = true}, {.cgroup = "/x"}, onHost, false},
      {{.host = true}, {.cgroup = "/"}, onHost, true},
      {{.host = true}, {.unit = "u"}, onHost, false},
      {{.host = true}, {.unit = "u"}, inU, true},
      {{.host = true}, {.unit = "v"}, inU, false},
      {{.host = true}, {.cgroup = "/units"}, inU, true},
      {{.host = true}, {.pidNamespace = 88}, onHost, false},

      {{.unit = "u"}, {.host = true}, inU, true},
      {{.unit = "u"}, {.unit = "v"}, inU, false},
      {{.unit = "u"}, {.cgroup = "/x"}, inU, false},
      {{.unit = "u"}, {.cgroup = "/units/u.service/in"}, inU, false},

      {{.pidNamespace = 88}, {.pidNamespace = 88, .rate = 9}, in88, true},
      {{.pidNamespace = 88}, {.pidNamespace = 88, .rate = 9}, below88, true},
      {{.pidNamespace = 88}, {.pidNamespace = 89}, in88, false},
      {{.pidNamespace = 88}, {.pidNamespace = 99}, below88, true},
      {{.pidNamespace = 88}, {.host = true}, in88, false},
      {{.pidNamespace = 88}, {.cgroup = "/x"}, in88, false},
      {{.pidNamespace = 88}, {}, in88, false},

      {{}, {.host = true}, inA, false},
      {{}, {.host = true}, inGone, false},
      {{}, {.cgroup = "/"}, inGone, false},
      {{}, {.pidNamespace = 77}, inA, true},
  };
  std::string wrong;
  for (const Row& row : rows)
    if (auto said = lateCall(row); said != (row.isWanted ? "1: 1 delivered" : "1: 1 filtered"))
      wrong += "row " + std::to_string(&row - rows) + ": " + said + "; ";
  return wrong;
}

void heirsGetTheirOwnAlone(void**) { assert_string_equal(keep(wrongRows()), ""); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {cmocka_unit_test(heirsGetTheirOwnAlone)};
  return cmocka_run_group_tests_name("heir", tests, nullptr, nullptr);
}
