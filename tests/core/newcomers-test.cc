// SPDX-License-Identifier: Apache-2.0
// Containers from their first call: what the kernel shows of a new cgroup waits until its name is
// known, and then goes to the traces that want it, in order and counted once.
#include "hub/newcomers.h"

#include <string>

#include "base/text.h"
#include "fake-clock.h"
#include "fake-kernel.h"
#include "hub/hub.h"
#include "make-record.h"
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

constexpr uint32_t rootSpace = 0xEFFFFFFC;

Container container(const char* id, uint64_t cgroupId, const char* app) {
  Container c;
  c.id = id, c.cgroupId = cgroupId, c.labels = {{"app", app}};
  return c;
}

struct FakeSink final : Sink {
  std::string log;
  bool follows(const Trace&) const override { return true; }
  const char* name() const override { return "fake"; }
  const LossCause* accept(Delivery& delivery) override {
    const Event& event = delivery.event();
    log += join(delivery.traceNames(), ",") + ":" + std::string(event.name.substr(4)) + "=" +
           std::to_string(event.result) + "@" + (event.container ? event.container->id : "host") +
           "; ";
    return nullptr;
  }
};

struct FakeNamer final : Namer {
  std::string asked;
  void resolve(const NewCgroup& cgroup) override {
    asked += std::to_string(cgroup.id) + cgroup.path + "; ";
  }
};

struct World {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};
  FakeSink sink;
  FakeNamer namer;
  int turn = 0;

  World() {
    hub.sinks().attach(sink);
    hub.newcomers().setNamer(&namer);
  }

  void add(TraceSpec spec) {
    if (spec.syscalls.empty()) spec.syscalls = {"openat"};
    auto added = hub.traces().add(spec, 0);
    if (!added) sink.log += added.error();
  }
  // The programs see a cgroup being made.
  void show(uint64_t id, uint64_t parent = 1) { showNewcomer(kernel, hub, id, parent); }
  // A call there, as the programs would send it now; its result counts up.
  RecordMaker record(uint64_t id, const char* name = "openat") {
    RecordMaker made(name);
    made.head().ns[SWOLL_NS_pid] = rootSpace;
    made.head().start = clock.boot + 5;
    made.ret(++turn).route(kernel.route(cgroup(id), name));
    auto at = kernel.scopes.find(cgroup(id));
    return made.container(at == kernel.scopes.end() ? 0 : at->second.container);
  }
  void send(const RecordMaker& made) {
    auto& head = const_cast<RecordMaker&>(made).head();
    for (RouteId route : {head.route, head.route2})
      if (route) kernel.routeCounts[route].matched++, kernel.routeCounts[route].emitted++;
    if (head.route || head.route2) hub.intake().accept(made.data(), made.size());
  }
  void call(uint64_t id, const char* name = "openat") { send(record(id, name)); }
  void name(uint64_t id, std::optional<Container> is, bool lives = true) {
    std::vector<Container> now;
    if (is && lives) now.push_back(*is);
    hub.setContainers(now, {{id, is}});
  }

  std::string seen() { return std::exchange(sink.log, ""); }
  std::string asked() { return std::exchange(namer.asked, ""); }
  std::string ledger(const char* name) {
    Ledger sum = hub.traces().ledger(**hub.traces().find(name));
    return std::to_string(sum.matched) + "=" + std::to_string(sum.delivered) + "+" +
           std::to_string(sum.filtered) + "f+" + std::to_string(sum.sampled) + "s" +
           (sum.accounted() == sum.matched ? "" : "!") + "; ";
  }
  // What is left of newcomers, and what was lost.
  std::string rest() {
    const HubCounters& c = hub.intake().counters();
    return std::to_string(hub.newcomers().waiting()) + " wait, " +
           std::to_string(kernel.newcomers) + " not taken, " +
           std::to_string(kernel.scopes.size()) + " scopes, full " +
           std::to_string(c.newcomersFull) + ", unnamed " + std::to_string(c.newcomersUnnamed) +
           ", lost " + std::to_string(hub.newcomers().lost()) +
           (kernel.wrong.empty() ? "" : " !" + kernel.wrong);
  }
};

std::string named() {
  World world;
  world.add({.name = "t1", .labelSelector = "app=web"});
  world.add({.name = "t2", .syscalls = {"close"}, .labelSelector = "app=db"});
  world.show(50);
  std::string out = world.asked();
  RecordMaker late = world.record(50);  // entered now, ends once it is named
  world.call(50);
  world.call(50, "close");  // for t2 alone, which does not want this one
  world.call(50);
  out += world.seen() + "| ";
  world.name(50, container("a", 50, "web"));
  out += world.seen() + "| ";
  world.send(late);
  world.call(50);  // on its own route
  return out + world.seen() + "| " + world.ledger("t1") + world.ledger("t2") + world.rest();
}

void handsOnWhatWaited(void**) {
  assert_string_equal(
      keep(named()),
      "50/pods/50; | t1:openat=2@a; t1:openat=4@a; | t1:openat=1@a; t1:openat=5@a; | "
      "4=4+0f+0s; 0=0+0f+0s; 0 wait, 0 not taken, 1 scopes, full 0, unnamed 0, lost 0");
}

// It has ended before anybody could say who it was.
std::string ended() {
  World world;
  world.add({.name = "t1", .labelSelector = "app=web"});
  world.show(50);
  world.call(50);
  Container is = container("a", 0, "web");  // its cgroup is gone
  world.name(50, is, false);
  std::string out = world.seen();
  out += std::to_string(world.hub.topology().containers().size()) + " there; ";
  out += "ever " + std::to_string((*world.hub.traces().find("t1"))->everCount) + "; ";
  return out + world.ledger("t1") + world.rest();
}

void namesWhatHasEnded(void**) {
  assert_string_equal(keep(ended()),
                      "t1:openat=1@a; 0 there; ever 1; 1=1+0f+0s; 0 wait, 0 not taken, 0 scopes, "
                      "full 0, unnamed 0, lost 0");
}

std::string others(std::optional<Container> is, uint32_t space) {
  World world;
  world.add({.name = "t1", .labelSelector = "app=web"});
  world.add({.name = "t2", .host = true});
  world.show(50);
  RecordMaker made = world.record(50);
  made.head().ns[SWOLL_NS_pid] = space;
  world.send(made);
  world.name(50, is);
  return world.seen() + world.ledger("t1") + world.ledger("t2") + world.rest();
}

void dropsWhatIsNobodys(void**) {
  const char* none = "0=0+0f+0s; ";
  const char* rest = " wait, 0 not taken, ";
  auto all = [&](std::string first, const char* scopes) {
    return keep(first + "0" + rest + scopes + " scopes, full 0, unnamed 0, lost 0");
  };
  // Of a container that no trace wants; the host's; of a nameless pid namespace.
  assert_string_equal(keep(others(container("b", 50, "db"), rootSpace)),
                      all(std::string(none) + none, "2"));
  assert_string_equal(keep(others({}, rootSpace)),
                      all(std::string("t2:openat=1@host; ") + none + "1=1+0f+0s; ", "1"));
  assert_string_equal(keep(others({}, 77)), all(std::string(none) + none, "1"));
}

// What the kernel could not test is tested once the name is known.
std::string filters() {
  World world;
  world.add({.name = "t1", .comm = "sh"});
  world.add({.name = "t2", .sampleRate = 2});
  world.show(50);
  for (int i = 0; i < 4; i++) world.call(50);
  world.name(50, container("a", 50, "web"));
  return world.seen() + world.ledger("t1") + world.ledger("t2");
}

void filtersInUserSpace(void**) {
  assert_string_equal(keep(filters()), "t2:openat=1@a; t2:openat=3@a; 4=0+4f+0s; 4=2+0f+2s; ");
}

// A trace that comes later does not get what was before it; one that went gets nothing.
std::string change() {
  World world;
  world.add({.name = "t1"});
  world.add({.name = "t2"});
  world.show(50);
  world.call(50);
  world.clock.boot += 1000;
  world.add({.name = "t3"});
  world.hub.traces().remove("t1");
  world.call(50);
  world.name(50, container("a", 50, "web"));
  std::string out = world.seen() + world.ledger("t2") + world.ledger("t3");
  // With the last trace that waits for containers newcomers go, too.
  world.show(51);
  world.call(51);
  world.hub.traces().remove("t2");
  world.hub.traces().remove("t3");
  out += world.seen() + world.rest();
  // One that was shown before the hook came off.
  world.show(52);
  return out + "; " + world.asked() + world.rest();
}

void followsTheTraces(void**) {
  assert_string_equal(
      keep(change()),
      "t2:openat=1@a; t2,t3:openat=2@a; 2=2+0f+0s; 1=1+0f+0s; 0 wait, 0 not taken, 0 scopes, full "
      "0, unnamed 0, lost 0; 50/pods/50; 51/pods/51; 0 wait, 0 not taken, 0 scopes, full 0, "
      "unnamed "
      "0, lost 0");
}

std::string silence() {
  World world;
  world.add({.name = "t1"});
  world.show(50);
  world.call(50);
  world.clock.boot += 3 * FakeClock::second;
  world.hub.tick();
  std::string out = world.rest() + "; ";
  world.clock.boot += 3 * FakeClock::second;
  world.hub.tick();
  out += world.rest() + "; ";
  world.name(50, container("a", 50, "web"));  // later all the same
  world.call(50);
  return out + world.seen() + world.ledger("t1");
}

void givesUpInTime(void**) {
  assert_string_equal(
      keep(silence()),
      "1 wait, 0 not taken, 1 scopes, full 0, unnamed 0, lost 0; 0 wait, 0 not taken, "
      "0 scopes, full 0, unnamed 1, lost 0; t1:openat=2@a; 1=1+0f+0s; ");
}

void countsTheNameless(void**) {
  World world;
  world.add({.name = "t1"});
  world.show(50);
  world.hub.setContainers(
      {}, {{.cgroupId = 50, .container = container("a", 50, ""), .isNameless = true}});
  assert_string_equal(keep(world.rest()),
                      "0 wait, 0 not taken, 0 scopes, full 0, unnamed 1, lost 0");
}

// One that its namer could not look at: nobody's, so that no host trace shows a container's calls.
std::string notLookedAt() {
  World world;
  world.add({.name = "t1"});
  world.add({.name = "t2", .host = true});
  world.show(50);
  world.call(50);
  world.hub.setContainers({}, {{.cgroupId = 50, .isNameless = true}});
  return world.seen() + world.ledger("t2") + world.rest();
}

void countsWhatFailed(void**) {
  assert_string_equal(keep(notLookedAt()),
                      "0=0+0f+0s; 0 wait, 0 not taken, 1 scopes, full 0, unnamed 1, lost 0");
}

// The list may know a container before the answer comes, and of cgroups within it.
std::string byList() {
  World world;
  world.add({.name = "t1", .labelSelector = "app=web"});
  world.show(50);
  world.show(51, 50);  // while nobody knows either
  world.call(50);
  world.call(51);
  world.hub.setContainers({container("a", 50, "web")});
  std::string out = world.seen() + "| " + world.asked();
  world.hub.setContainers({container("a", 50, "web")}, {{51, container("a", 50, "web")}});
  out += world.seen() + "| ";
  // Of one that no trace wants the kernel does not know, so it shows what that one makes.
  world.hub.setContainers({container("a", 50, "web"), container("b", 60, "db")});
  world.show(61, 60);
  return out + world.asked() + world.ledger("t1") + world.rest();
}

void namesByTheList(void**) {
  assert_string_equal(
      keep(byList()),
      "t1:openat=1@a; | 50/pods/50; 51/pods/51; t1:openat=2@a; | 2=2+0f+0s; 0 wait, 0 "
      "not taken, 1 scopes, full 0, unnamed 0, lost 0");
}

// A pid namespace that was asked for by number needs no name; its route may be gone meanwhile.
std::string second() {
  World world;
  world.add({.name = "t1", .labelSelector = "app=web"});
  world.add({.name = "t2", .pidNamespace = 77});
  world.show(50);
  RecordMaker made = world.record(50);
  made.route(made.head().route, world.kernel.route(pidns(77), "openat"));
  world.send(made);
  std::string out = world.seen() + "| ";
  world.name(50, container("a", 50, "web"));
  return out + world.seen() + world.ledger("t1") + world.ledger("t2");
}

void keepsTheSecondRoute(void**) {
  assert_string_equal(keep(second()), "| t2,t1:openat=1@a; 1=1+0f+0s; 1=1+0f+0s; ");
}

std::string losses() {
  World world;
  world.add({.name = "t1"});
  world.kernel.lost = 2;
  world.kernel.routeCounts[SWOLL_NEWCOMER_ROUTE] = {
      .ring_full = 3, .state_missing = 4, .abandoned = 5};
  return world.ledger("t1") + world.rest();
}

void countsLossesOfNobody(void**) {
  assert_string_equal(keep(losses()),
                      "0=0+0f+0s; 0 wait, 0 not taken, 0 scopes, full 0, unnamed 0, lost 14");
}

// ---- the queue ----

Newcomers::Held held(size_t size) { return {std::vector<uint64_t>(size / 8), size, nullptr}; }

std::string bounds() {
  Newcomers queue({.cgroups = 2, .records = 3, .bytes = 100});
  std::string out;
  auto add = [&](uint64_t id) {
    out += queue.add({{id, ""}, cgroup(id), cgroup(1)}, id) ? "+" : "full ";
  };
  auto hold = [&](uint64_t id, size_t size) { out += queue.hold(id, held(size)) ? "+" : "full "; };
  add(1), add(2), add(3);
  hold(1, 40), hold(2, 40), hold(2, 40);  // too many bytes
  hold(2, 16), hold(2, 1);                // too many records
  hold(9, 1);                             // of nobody
  out += std::to_string(queue.heldBytes()) + " bytes; ";
  out += std::to_string(queue.settle(1, {}).size()) + " of the first; ";
  add(3), hold(3, 40);
  out += std::to_string(queue.since(2).size()) + " old; ";
  for (uint64_t id : {2, 3, 4}) queue.settle(id, {id, {}, false});  // the first answers go
  for (uint64_t id : {1, 2, 3, 4}) out += queue.answer(id) ? "known " : "gone ";
  return out + std::to_string(queue.heldBytes()) + " bytes";
}

void isBounded(void**) {
  assert_string_equal(keep(bounds()),
                      "++full ++full +full full 96 bytes; 1 of the first; ++1 old; gone gone known "
                      "known 0 bytes");
}

// Records that are cut, or lie about their length.
void refusesWhatMakesNoSense(void**) {
  uint64_t words[8] = {};
  swoll_newcomer head{.size = 64,
                      .type = SWOLL_TYPE_NEWCOMER,
                      .length = 32,
                      .level = 1,
                      .pad = 0,
                      .id = 5,
                      .parent = 1};
  auto parses = [&](swoll_newcomer with, size_t size) {
    memcpy(words, &with, sizeof(with));
    return parseNewcomer(words, size).has_value();
  };
  assert_true(parses(head, 64));
  assert_false(parses(head, 63));
  assert_false(parses(head, 8));
  swoll_newcomer bad = head;
  bad.length = 33;
  assert_false(parses(bad, 64));
  bad = head, bad.type = 7;
  assert_false(parses(bad, 64));
  bad = head, bad.id = SWOLL_NEWCOMER | 5;
  assert_false(parses(bad, 64));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(handsOnWhatWaited),       cmocka_unit_test(namesWhatHasEnded),
      cmocka_unit_test(dropsWhatIsNobodys),      cmocka_unit_test(filtersInUserSpace),
      cmocka_unit_test(followsTheTraces),        cmocka_unit_test(givesUpInTime),
      cmocka_unit_test(countsTheNameless),       cmocka_unit_test(countsWhatFailed),
      cmocka_unit_test(namesByTheList),          cmocka_unit_test(keepsTheSecondRoute),
      cmocka_unit_test(countsLossesOfNobody),    cmocka_unit_test(isBounded),
      cmocka_unit_test(refusesWhatMakesNoSense),
  };
  return cmocka_run_group_tests_name("newcomers", tests, nullptr, nullptr);
}
