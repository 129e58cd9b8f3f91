// SPDX-License-Identifier: Apache-2.0
// The hub with a made-up kernel, clock and sinks: from a trace's start to its last event, and what
// became of each one.
#include "hub/hub.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "event/show.h"
#include "fake-clock.h"
#include "fake-kernel.h"
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

constexpr uint64_t second = 1'000'000'000;

constexpr LossCause behind{"client", "behind", ""}, skipped{"journal", "skipped", ""},
    full{"file", "full", ""};

// Writes down what it gets: "t1,t2:openat@a; ".
struct FakeSink final : Sink {
  std::string only;  // the trace that it follows; empty: every one
  const LossCause* answer = nullptr;
  std::string log;
  int64_t time = 0;  // of the last event

  const char* name() const override { return "fake"; }
  bool follows(const Trace& trace) const override { return only.empty() || trace.name() == only; }
  const LossCause* accept(Delivery& delivery) override {
    const Event& event = delivery.event();
    time = event.time;
    log += join(delivery.traceNames(), ",") + ":" + typeName(event) + "@" +
           (event.container ? event.container->id : "host") + "; ";
    if (delivery.json().find("\"trace\":[\"" + std::string(delivery.traceNames()[0])) ==
        std::string::npos)
      log += "!json; ";
    return answer;
  }
  void traceEnded(const Trace& trace) override { log += "ended " + trace.name() + "; "; }
  void end(const std::string& reason) override { log += "end: " + reason + "; "; }
};

Container container(const char* id, uint64_t cgroupId, const char* app = "x", uint32_t space = 0) {
  Container c;
  c.id = id, c.cgroupId = cgroupId, c.pidNamespace = space, c.labels = {{"app", app}};
  return c;
}

struct World {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};
  FakeSink sink;

  World() {
    hub.sinks().attach(sink);
    hub.setContainers({container("a", 11, "nginx"), container("b", 12, "redis")});
  }

  // "ok" or the error.
  std::string add(TraceSpec spec) {
    if (spec.syscalls.empty() && spec.processes.empty()) spec.syscalls = {"openat"};
    auto added = hub.traces().add(spec, 1000);
    return added ? "ok" : added.error();
  }

  // What a dry run tells: the containers that the spec would match.
  Result<std::vector<std::string>> tryOut(TraceSpec spec) {
    auto checked = hub.traces().prepare({std::move(spec)}, false);
    if (!checked) return Error{checked.error()};
    return hub.traces().wouldMatch(checked->front().compiled.spec);
  }

  // A call of a scope, as the kernel would send it.
  RecordMaker record(Scope scope, const char* name) {
    RecordMaker made(name);
    RouteId route = kernel.route(scope, name);
    if (kernel.scopes.contains(scope)) made.container(kernel.scopes.at(scope).container);
    return made.route(route);
  }
  void send(const RecordMaker& made) {
    auto& head = const_cast<RecordMaker&>(made).head();
    for (RouteId route : {head.route, head.route2}) {
      if (!route) continue;
      kernel.routeCounts[route].matched++;
      kernel.routeCounts[route].emitted++;
    }
    hub.intake().accept(made.data(), made.size());
  }
  void call(uint64_t cgroupId, const char* name) { send(record(cgroup(cgroupId), name)); }

  const Trace& trace(const std::string& name) { return **hub.traces().find(name); }
  std::string ledger(const std::string& name) { return inWords(hub.traces().ledger(trace(name))); }
  std::string state(const std::string& name) {
    static const char* names[] = {"running", "expired", "failed"};
    const Trace& t = trace(name);
    return std::string(names[size_t(t.state)]) + (t.reason.empty() ? "" : ": " + t.reason);
  }
  std::string seen() { return std::exchange(sink.log, ""); }
  std::string wrong() const { return kernel.wrong.empty() ? "" : " !" + kernel.wrong; }
};

// ---- adding and finding ----

struct AddRow {
  TraceSpec spec;
  const char* expected;
};

const AddRow addRows[] = {
    {{.name = "t1", .syscalls = {"openat"}}, "ok"},
    {{.name = "t1", .syscalls = {"openat"}}, "trace 't1' exists already"},
    {{.name = "T1", .syscalls = {"openat"}},
     "bad trace name 'T1': use a-z, 0-9, '-' and '.', at most 253 bytes"},
    {{.name = "-x", .syscalls = {"openat"}},
     "bad trace name '-x': use a-z, 0-9, '-' and '.', at most 253 bytes"},
    {{.syscalls = {"opennat"}}, "unknown system call 'opennat'; did you mean 'openat'?"},
    {{.syscalls = {"openat"}, .labelSelector = "a=b,"},
     "bad selector 'a=b,': expected a key at its end"},
    {{.syscalls = {"openat"}, .fieldSelector = "status.fase=x"},
     "unknown field 'status.fase'; did you mean 'status.phase'?"},
    {{.syscalls = {"openat"}, .errors = {"ENOENTT"}},
     "unknown errno 'ENOENTT'; did you mean 'ENOENT'?"},
    {{.syscalls = {"openat"}, .labelSelector = "a", .host = true},
     "host processes are in no container: leave out selectors of containers"},
    {{.syscalls = {"openat"}, .pidNamespace = 5, .host = true},
     "a pid namespace names its processes by itself: leave out selectors and host"},
};

// What add() and a dry run say; a refused spec changes nothing.
std::string adds() {
  World world;
  std::string wrong;
  for (const AddRow& row : addRows) {
    size_t traces = world.hub.traces().all().size();
    world.kernel.done();
    auto tried = world.tryOut(row.spec);
    std::string dry = tried ? "ok" : tried.error();
    if (!world.kernel.done().empty() || world.hub.traces().all().size() != traces)
      wrong += "a dry run does something; ";
    auto added = world.hub.traces().add(row.spec, 0);
    std::string said = added ? "ok" : added.error();
    if (said != dry) wrong += "dry: " + dry + "; ";
    if (said != row.expected) wrong += said + ", not " + row.expected + "; ";
    if (added) continue;
    if (!world.kernel.done().empty() || world.hub.traces().all().size() != traces)
      wrong += "refused, but done; ";
  }
  return wrong;
}

void checksSpecs(void**) { assert_string_equal(keep(adds()), ""); }

std::string names() {
  World world;
  std::string out;
  world.add({.name = "trace-1"});
  for (int i = 0; i < 2; i++)
    out += (*world.hub.traces().add({.syscalls = {"close"}}, 7))->name() + " ";
  const Trace& trace = world.trace("trace-2");
  out += std::to_string(trace.owner) + " " + std::to_string(trace.created / int64_t(second)) + "; ";
  auto near = world.hub.traces().find("trace-11");
  out += near.error() + "; ";
  auto removed = world.hub.traces().remove("trace-9x");
  return out + (removed ? "removed" : removed.error());
}

void makesAndFindsNames(void**) {
  assert_string_equal(
      keep(names()),
      "trace-2 trace-3 7 1700000100; unknown trace 'trace-11'; did you mean 'trace-1'?; "
      "unknown trace 'trace-9x'; did you mean 'trace-1'?");
}

std::string dryRun(TraceSpec spec) {
  World world;
  world.hub.setNodeSelector({*Selector::parseLabels("app!=redis"), {}, "", ""});
  world.hub.setContainers(
      {container("a", 11, "nginx"), container("b", 12, "redis"), container("c", 13)});
  spec.syscalls = {"openat"};
  auto ids = world.tryOut(spec);
  return ids ? join(*ids, ",") : ids.error();
}

void tellsWhatADryRunMatches(void**) {
  assert_string_equal(keep(dryRun({})), "a,c");  // b is hidden
  assert_string_equal(keep(dryRun({.labelSelector = "app=nginx"})), "a");
  assert_string_equal(keep(dryRun({.host = true})), "");
}

// ---- routing ----

std::string route() {
  World world;
  world.add({.name = "t1", .syscalls = {"execve", "openat"}, .labelSelector = "app=nginx"});
  world.add({.name = "t2", .syscalls = {"execve"}});
  world.call(11, "execve");
  world.call(11, "openat");
  world.call(12, "execve");
  world.call(12, "openat");  // nobody's: no route
  std::string out = world.seen() + world.ledger("t1") + "; " + world.ledger("t2") + "; ";
  out += std::to_string(world.hub.rules().ruleCount()) + " rules; " +
         std::to_string(world.hub.sinks().followers(world.trace("t1"))) + " follow; ";
  for (const KnownContainer* known : world.hub.traces().matched(world.trace("t2")))
    out += known->info.id;
  for (const Trace* trace : world.hub.traces().tracesOf(*world.hub.topology().find(1)))
    out += " " + trace->name();
  return out + "; " + std::to_string(world.hub.intake().counters().records) + " records, " +
         std::to_string(world.hub.intake().counters().unrouted) + " unrouted" + world.wrong();
}

void deliversOnceToAllWhoWant(void**) {
  assert_string_equal(
      keep(route()),
      "t1,t2:execve@a; t1:openat@a; t2:execve@b; 2: 2 delivered; 2: 2 delivered; 3 rules; 1 "
      "follow; ab t1 t2; 4 records, 1 unrouted");
}

// One trace, one call of each sort; which of them reach the sink, and the ledger.
struct OutcomeRow {
  TraceSpec spec;
  const LossCause* answer;
  const char* expected;
};

std::string outcome(const OutcomeRow& row) {
  World world;
  TraceSpec spec = row.spec;
  spec.name = "t1";
  // Another trace of the same calls makes the kernel leave filters to user space.
  std::string said = world.add(spec) + world.add({.name = "other", .journal = false});
  world.sink.only = "t1";
  world.sink.answer = row.answer;
  for (int i = 0; i < 6; i++) {
    RecordMaker made = world.record(cgroup(11), "openat");
    if (i % 2) strcpy(made.head().comm, "sh");
    world.send(made.ret(i < 3 ? 3 : -2));
  }
  return said + " " + world.ledger("t1") + " | " + world.ledger("other") + world.wrong();
}

void accountsForEach(void**) {
  static const OutcomeRow rows[] = {
      {{}, nullptr, "okok 6: 6 delivered | 6: 6 delivered"},
      {{.comm = "sh"}, nullptr, "okok 6: 3 delivered 3 filtered | 6: 6 delivered"},
      {{.errors = {"any"}}, nullptr, "okok 6: 3 delivered 3 filtered | 6: 6 delivered"},
      {{.sampleRate = 3}, nullptr, "okok 6: 2 delivered 4 sampled | 6: 6 delivered"},
      // The sampler counts what the filter kept.
      {{.comm = "sh", .sampleRate = 3},
       nullptr,
       "okok 6: 1 delivered 3 filtered 2 sampled | 6: 6 delivered"},
      {{}, &behind, "okok 6: 6 clientBehind | 6: 6 delivered"},
      {{}, &skipped, "okok 6: 6 journalSkipped | 6: 6 delivered"},
      {{.comm = "sh"}, &full, "okok 6: 3 filtered 3 fileFull | 6: 6 delivered"},
  };
  for (const auto& row : rows) assert_string_equal(keep(outcome(row)), row.expected);
}

// Two sinks of which one has no room: the event counts as lost to those that it follows.
std::string twoSinks() {
  World world;
  FakeSink journal;
  journal.only = "t2";
  journal.answer = &skipped;
  world.hub.sinks().attach(journal);
  world.add({.name = "t1"});
  world.add({.name = "t2"});
  world.call(11, "openat");
  std::string out = world.ledger("t1") + "; " + world.ledger("t2") + "; " + journal.log;
  world.hub.sinks().detach(journal);
  world.call(11, "openat");
  return out + "; " + world.ledger("t2");
}

void blamesTheSinkThatFailed(void**) {
  assert_string_equal(
      keep(twoSinks()),
      "1: 1 delivered; 1: 1 journalSkipped; t1,t2:openat@a; ; 2: 1 delivered 1 journalSkipped");
}

// More traces than fit the hub's small array.
std::string manyTraces() {
  World world;
  for (int i = 1; i <= 20; i++) world.add({.name = "t" + std::to_string(i)});
  world.sink.only = "t20";
  world.sink.answer = &behind;
  world.call(11, "openat");
  return world.ledger("t1") + "; " + world.ledger("t9") + "; " + world.ledger("t20");
}

void routesToManyTraces(void**) {
  assert_string_equal(keep(manyTraces()), "1: 1 delivered; 1: 1 delivered; 1: 1 clientBehind");
}

// What the kernel counted shows in the ledger while the route lives, and after it is gone.
std::string kernelCounts() {
  World world;
  world.add({.name = "t1", .comm = "sh"});
  world.add({.name = "t2", .syscalls = {"close"}});
  RouteId route = world.kernel.route(cgroup(11), "openat");
  bool filtered = world.kernel.entry(cgroup(11), "openat") & SWOLL_ROUTE_FILTERED;
  world.call(11, "openat");
  swoll_route_counts& counts = world.kernel.routeCounts[route];
  counts.matched += 15, counts.filtered = 3, counts.sampled = 2, counts.ring_full = 4;
  counts.state_missing = 1, counts.abandoned = 2;  // three are under way
  std::string out = (filtered ? "filtered; " : "not filtered; ") + world.ledger("t1") + "; ";
  auto removed = world.hub.traces().remove("t1");
  out += inWords((*removed)->ledger) + "; ";
  // Its route is still there, and counts once.
  out += inWords(world.hub.traces().ledger(**removed)) + "; past " +
         inWords(world.hub.traces().pastLedger());
  return out + "; " + world.ledger("t2") + world.wrong();
}

void addsTheKernelsCounts(void**) {
  const char* sum = "16: 1 delivered 3 filtered 2 sampled 4 ringFull 3 stateMissing 3 in flight; ";
  std::string expected = std::string("filtered; ") + sum + sum + sum + "past " + sum + "0:";
  const char* kept = keep(std::move(expected));
  assert_string_equal(keep(kernelCounts()), kept);
}

// A call that a container's rule and a pid namespace's rule both matched.
std::string twoRoutes(bool both) {
  World world;
  world.hub.setContainers({container("a", 11, "nginx", 77)});
  world.add({.name = "t1"});
  world.add({.name = "t2", .pidNamespace = 77});
  RecordMaker made = world.record(cgroup(11), "openat");
  made.route(made.head().route, world.kernel.route(pidns(77), "openat"));
  if (both) made.route(made.head().route, made.head().route);  // as if one trace had both
  world.send(made);
  const Trace& trace = world.trace("t1");
  return world.seen() + world.ledger("t1") + "; " + world.ledger("t2") + "; twice " +
         std::to_string(trace.twice);
}

void deliversWhatTwoRulesMatchOnce(void**) {
  assert_string_equal(keep(twoRoutes(false)),
                      "t1,t2:openat@a; 1: 1 delivered; 1: 1 delivered; twice 0");
  assert_string_equal(keep(twoRoutes(true)), "t1:openat@a; 1: 1 delivered; 0:; twice 1");
}

// ---- records that make no sense ----

std::string hostile() {
  World world;
  world.add({.name = "t1"});
  RecordMaker good = world.record(cgroup(11), "openat");
  good.block(1, "/x");
  std::string out;
  auto say = [&](const char* what) {
    const HubCounters& c = world.hub.intake().counters();
    out += std::string(what) + " " + std::to_string(c.records) + "/" + std::to_string(c.malformed) +
           "/" + std::to_string(c.unrouted) + " " + world.seen() + "\n";
  };
  world.hub.intake().accept(good.data(), 8);
  say("no header");
  RecordMaker cut = good;
  cut.blockAt(0).length = 60000;
  world.send(cut);
  say("block");
  RecordMaker lost = good;
  lost.route(4000, 4001);
  world.hub.intake().accept(lost.data(), lost.size());
  say("no such route");
  RecordMaker none = good;
  none.route(0);
  world.hub.intake().accept(none.data(), none.size());
  say("no route");
  std::vector<uint64_t> shifted(good.size() / 8 + 1);
  char* at = reinterpret_cast<char*>(shifted.data()) + 1;
  memcpy(at, good.data(), good.size());
  world.kernel.routeCounts[good.head().route].matched++;
  world.kernel.routeCounts[good.head().route].emitted++;
  world.hub.intake().accept(at, good.size());
  say("misaligned");
  return out + world.ledger("t1");
}

void countsWhatMakesNoSense(void**) {
  assert_string_equal(keep(hostile()),
                      "no header 1/1/0 \n"
                      "block 2/2/0 \n"
                      "no such route 3/2/1 \n"
                      "no route 4/2/2 \n"
                      "misaligned 5/3/2 \n"
                      "2: 2 undecodable");
}

// ---- a trace's end ----

std::string remove() {
  World world;
  world.add({.name = "t1"});
  // Captured, and still in the ring when the trace is removed.
  RecordMaker late = world.record(cgroup(11), "openat");
  world.kernel.onDrain = [&] { world.send(late); };
  auto removed = world.hub.traces().remove("t1");
  std::string out = world.seen() + inWords((*removed)->ledger) + "; " +
                    (world.kernel.attached ? "attached" : "detached") + "; " +
                    std::to_string(world.hub.traces().all().size());
  out += "; " + inWords(world.hub.traces().pastLedger());
  // What comes after that has no owner.
  world.hub.intake().accept(late.data(), late.size());
  return out + "; " + std::to_string(world.hub.intake().counters().unrouted) + world.seen() +
         world.wrong();
}

void drainsBeforeATraceIsGone(void**) {
  assert_string_equal(keep(remove()),
                      "t1:openat@a; ended t1; 1: 1 delivered; detached; 0; 1: 1 delivered; 1");
}

std::string removeOneOfTwo() {
  World world;
  world.add({.name = "t1"});
  world.add({.name = "t2"});
  RecordMaker late = world.record(cgroup(11), "openat");
  world.kernel.routeCounts[late.head().route].matched++;  // entered, not ended
  world.hub.traces().remove("t1");
  world.seen();
  world.kernel.routeCounts[late.head().route].emitted++;
  world.hub.intake().accept(late.data(), late.size());
  return world.seen() + world.ledger("t2") + (world.kernel.attached ? "; attached" : "");
}

void lateEventsReachWhoStays(void**) {
  assert_string_equal(keep(removeOneOfTwo()), "t2:openat@a; 1: 1 delivered; attached");
}

// A sink may detach itself when its trace is gone.
struct Leaver final : Sink {
  Hub* hub = nullptr;
  int told = 0;
  bool follows(const Trace&) const override { return true; }
  const char* name() const override { return "leaver"; }
  const LossCause* accept(Delivery&) override { return nullptr; }
  void traceEnded(const Trace&) override { told++, hub->sinks().detach(*this); }
};

std::string leave() {
  World world;
  Leaver first, last;
  first.hub = last.hub = &world.hub;
  world.hub.sinks().attach(first);
  world.hub.sinks().attach(last);
  world.add({.name = "t1"});
  world.hub.traces().remove("t1");
  world.add({.name = "t2"});
  std::string out = std::to_string(world.hub.sinks().followers(world.trace("t2")));
  world.hub.traces().remove("t2");
  return out + " " + std::to_string(first.told) + " " + std::to_string(last.told) + " " +
         world.seen();
}

void letsSinksLeaveAtTheEnd(void**) {
  assert_string_equal(keep(leave()), "1 1 1 ended t1; ended t2; ");
}

std::string expire() {
  World world;
  world.add({.name = "t1", .duration = 5 * second});
  world.add({.name = "t2", .syscalls = {"close"}});
  world.call(11, "openat");
  RecordMaker late = world.record(cgroup(11), "openat");
  swoll_route_counts& counts = world.kernel.routeCounts[late.head().route];
  counts.matched++;
  std::string out;
  auto at = [&](uint64_t time) {
    world.clock.boot = 100 * second + time;
    world.hub.tick();
    out += world.state("t1") +
           (world.kernel.route(cgroup(11), "openat") ? " traced; " : " not traced; ");
  };
  at(5 * second - 1);
  at(5 * second);
  at(9 * second);
  out += std::to_string(world.trace("t1").ended / second) + "; " + world.state("t2") + "; ";
  counts.emitted++;  // was under way
  world.hub.intake().accept(late.data(), late.size());
  out += world.ledger("t1") + "; matched " +
         std::to_string(world.hub.traces().matched(world.trace("t1")).size()) + "; ever " +
         std::to_string(world.trace("t1").everCount);
  out += "; " + world.seen();
  world.hub.traces().remove("t1");  // its streams were told already
  out += world.seen();
  return out + world.wrong();
}

void endsWhatHasRunItsTime(void**) {
  assert_string_equal(
      keep(expire()),
      "running traced; expired not traced; expired not traced; 105; running; 2: 2 delivered; "
      "matched 0; ever 2; t1:openat@a; ended t1; t1:openat@a; ");
}

std::string end() {
  World world;
  world.add({.name = "t1"});
  RecordMaker late = world.record(cgroup(11), "openat");
  world.kernel.onDrain = [&] { world.send(late); };
  world.hub.end("swolld is stopping");
  return world.seen() + (world.kernel.attached ? "attached" : "detached") + " " +
         std::to_string(world.kernel.scopes.size()) + "; " + world.ledger("t1") + world.wrong();
}

void endsAllStreams(void**) {
  assert_string_equal(keep(end()),
                      "t1:openat@a; end: swolld is stopping; detached 0; 1: 1 delivered");
}

// ---- what fails is tried again ----

std::string attachFails() {
  World world;
  world.kernel.problem = "no BTF here";
  std::string out = world.add({.name = "t1"}) + " ";
  out += world.state("t1") + (world.kernel.attached ? " attached; " : "; ");
  world.hub.tick();
  out += world.state("t1") + "; ";
  world.kernel.problem.reset();
  world.hub.tick();  // too early
  out += world.state("t1") + "; ";
  world.clock.boot += second / 10;
  world.hub.tick();
  out += world.state("t1") + (world.kernel.attached ? " attached; " : "; ");
  world.call(11, "openat");
  world.kernel.done();
  world.hub.tick();
  return out + world.seen() + world.kernel.done() + world.wrong();
}

void triesAgainToAttach(void**) {
  assert_string_equal(
      keep(attachFails()),
      "ok failed: no BTF here; failed: no BTF here; failed: no BTF here; running attached; "
      "t1:openat@a; ");
}

// What one kind of event lacks is no matter of the others'.
std::string hooksOfOneKindFail() {
  World world;
  world.kernel.hookProblems[size_t(EventKind::process)] = "no such program";
  world.add({.name = "t1"});
  world.add({.name = "t2", .processes = {"exec"}});
  world.add({.name = "t3", .syscalls = {"close"}, .processes = {"exec"}});
  std::string out;
  for (const char* name : {"t1", "t2", "t3"}) out += world.state(name) + "; ";
  world.call(11, "openat");
  world.kernel.hookProblems = {};
  world.clock.boot += second;
  world.hub.tick();
  for (const char* name : {"t1", "t2", "t3"}) out += world.state(name) + "; ";
  return out + world.seen() + world.wrong();
}

void failsByKindOfEvent(void**) {
  assert_string_equal(
      keep(hooksOfOneKindFail()),
      "running; failed: no such program; failed: no such program; running; running; "
      "running; t1:openat@a; ");
}

// By the same routes, beside calls.
std::string routesProcesses() {
  World world;
  world.add({.name = "t1", .processes = {"exec"}});
  world.add({.name = "t2", .syscalls = {"openat"}, .processes = {"exec", "exit"}});
  const auto& row = world.kernel.rows.at(world.kernel.scopes.at(cgroup(11)).row);
  for (EventType type : {SWOLL_PROCESS_exec, SWOLL_PROCESS_exit, SWOLL_PROCESS_fork}) {
    RecordMaker made(CallId(type), Arch::x86_64);
    made.container(world.kernel.scopes.at(cgroup(11)).container).route(RouteId(row[type]));
    world.send(made);
  }
  world.call(11, "openat");
  return world.seen() + std::to_string(world.hub.intake().counters().unrouted) + " unrouted";
}

void routesByKindOfEvent(void**) {
  assert_string_equal(keep(routesProcesses()),
                      "t1,t2:process:exec@a; t2:process:exit@a; t2:openat@a; 1 unrouted");
}

std::string watchFails() {
  World world;
  world.kernel.watchProblem = "no hook here";
  std::string out = world.add({.name = "t1"}) + " ";
  auto say = [&] {
    out += world.state("t1") + (world.kernel.watching ? " watching; " : " ") +
           world.hub.rules().newcomersProblem().value_or("") + "; ";
  };
  world.hub.tick();
  say();
  for (int i = 0; i < 10; i++) {  // 100 ms, 200, 400 ... and not each time
    world.clock.boot += second / 10;
    world.hub.tick();
  }
  size_t tries = 0;
  for (const std::string& order : split(world.kernel.done(), ';')) tries += order == "watch";
  out += std::to_string(tries) + " tries; ";
  world.kernel.watchProblem.reset();
  world.clock.boot += second;
  world.hub.tick();
  say();
  return out + world.wrong();
}

void triesAgainToWatch(void**) {
  assert_string_equal(keep(watchFails()), "ok running no hook here; 5 tries; running watching; ; ");
}

// ---- when there is something to do ----

// In tenths of a second from now on, and how often it was told that it may be sooner.
std::string due() {
  World world;
  size_t told = 0;
  world.hub.rules().setOnSooner([&] { told++; });
  world.hub.tick();
  std::string out;
  auto say = [&] {
    out += std::to_string((world.hub.due() - world.clock.boot) / (second / 10)) +
           (std::exchange(told, 0) ? " told; " : "; ");
  };
  auto rest = [&] {  // numbers that are given back do so for 0.1 s
    say();
    for (int i = 0; i < 3; i++) world.clock.boot += second / 8, world.hub.tick();
    say();
  };
  say();
  world.add({.name = "t1"});
  say();
  world.add({.name = "t2", .duration = 5 * second});
  rest();
  world.clock.boot += 4 * second + second / 2;
  world.hub.tick();
  say();
  world.clock.boot += second / 2;
  world.hub.tick();  // ends t2
  rest();
  showNewcomer(world.kernel, world.hub, 50);
  say();
  world.hub.setContainers({}, {{.cgroupId = 50}});
  world.hub.traces().remove("t1");
  rest();
  world.kernel.problem = "no BTF here";
  world.add({.name = "t3"});
  world.hub.tick();
  say();
  return out;
}

void saysWhenItHasToDo(void**) {
  assert_string_equal(keep(due()),
                      "100; 100 told; 1 told; 10; 1; 1 told; 100; 1 told; 1 told; 100; 1 told; ");
}

// The time of day is set while no tick is due: the next event has it.
std::string clockIsSet() {
  World world;
  world.add({.name = "t1"});
  world.hub.tick();
  std::string out;
  for (int64_t hours : {0, 5, -7}) {
    world.clock.set = hours * 3600 * int64_t(second);
    world.clock.boot += 3 * second;
    RecordMaker made = world.record(cgroup(11), "openat");
    made.head().start = world.clock.boot;
    world.send(made);
    out +=
        std::to_string((world.sink.time - 1'700'000'000 * int64_t(second)) / int64_t(second)) + " ";
  }
  return out;
}

void takesTheTimeOfDayAnew(void**) { assert_string_equal(keep(clockIsSet()), "103 18106 -25091 "); }

std::string noRoom() {
  World world;
  world.kernel.scopeRoom = 1;
  std::string out = world.add({.name = "t1"}) + " ";
  out += world.state("t1") + "; ";
  world.call(11, "openat");  // what found room is traced
  out += world.seen();
  world.kernel.scopeRoom = 2;
  world.hub.tick();
  out += world.state("t1") + "; ";
  world.call(12, "openat");
  return out + world.seen();
}

void triesAgainToFindRoom(void**) {
  assert_string_equal(
      keep(noRoom()),
      "ok failed: the kernel's table of containers is full; some containers are not traced; "
      "t1:openat@a; running; t1:openat@b; ");
}

std::string reinstall() {
  World world;
  world.add({.name = "t1"});
  world.kernel.scopes.clear(), world.kernel.rows.clear(), world.kernel.filters.clear(),
      world.kernel.wanted.clear();
  world.kernel.done();
  world.hub.reinstall();
  std::string out = world.kernel.done() + "; ";
  world.call(12, "openat");
  return out + world.seen() + world.ledger("t1") + world.wrong();
}

void givesAllRulesAnew(void**) {
  assert_string_equal(keep(reinstall()),
                      "detach; route 4095; row 2047; watch; route 1; row 1; cgroup 11=1/row 1; "
                      "cgroup 12=2/row 1; attach; t1:openat@b; "
                      "1: 1 delivered");
}

std::string attaches() {
  World world;
  world.kernel.done();
  std::string out = world.kernel.attached ? "attached " : "";
  auto say = [&] { out += world.kernel.done() + " | "; };
  world.add({.name = "t1", .labelSelector = "app=nginx"});
  say();
  world.hub.setContainers({});  // one may come
  say();
  world.hub.setContainers({container("c", 13, "nginx")});
  say();
  world.hub.traces().remove("t1");
  say();
  world.add({.name = "t2", .host = true});  // waits for no container
  return out + world.kernel.done() + world.wrong();
}

// Nothing to trace, nothing attached: the node's calls cost nothing.
void attachesOnlyWhileNeeded(void**) {
  assert_string_equal(
      keep(attaches()),
      "route 4095; row 2047; watch; route 1; row 1; cgroup 11=1/row 1; attach | no cgroup 11 | "
      "route 2; row 2; cgroup 13=3/row 2 | row 2047; no watch; no cgroup 13; detach | "
      "route 3; row 3; host=0/row 3; cgroup 13=3/row 0; attach");
}

// ---- containers come and go ----

std::string comeAndGo() {
  World world;
  world.add({.name = "t1"});
  RecordMaker late = world.record(cgroup(11), "openat");
  late.route(late.head().route);
  // What is in the ring when a container leaves, and what comes after, still names it.
  world.kernel.onDrain = [&] { world.send(late); };
  world.hub.setContainers({container("b", 12, "redis")});
  std::string out = world.seen() + "| ";
  world.send(late);
  world.hub.setContainers({container("b", 12, "redis"), container("n", 11)});  // the inode again
  world.send(late);
  world.call(11, "openat");
  out += world.seen() + "| " + world.ledger("t1") + "; ever " +
         std::to_string(world.trace("t1").everCount);
  // An unchanged list costs nothing.
  world.kernel.done();
  world.hub.setContainers({container("b", 12, "redis"), container("n", 11)});
  return out + "; " + world.kernel.done() + world.wrong();
}

void namesWhoeverMadeTheCall(void**) {
  assert_string_equal(
      keep(comeAndGo()),
      "t1:openat@a; | t1:openat@a; t1:openat@a; t1:openat@n; | 4: 4 delivered; ever 3; ");
}

std::string hide() {
  World world;
  world.add({.name = "t1"});
  world.hub.setNodeSelector({*Selector::parseLabels("app!=redis"), {}, "", ""});
  std::string out = std::to_string(world.kernel.route(cgroup(12), "openat")) + " " +
                    std::to_string(world.hub.rules().ruleCount());
  for (const KnownContainer* known : world.hub.traces().matched(world.trace("t1")))
    out += " " + known->info.id;
  out += " " + std::to_string(world.hub.traces().tracesOf(*world.hub.topology().find(2)).size());
  world.hub.setNodeSelector({});
  return out + "; " + std::to_string(world.hub.rules().ruleCount());
}

void hidesWhatTheNodeLeavesOut(void**) { assert_string_equal(keep(hide()), "0 1 a 0; 2"); }

// ---- traces that take the place of others ----

std::string replace(World& world, TraceSpec spec) {
  auto prepared = world.hub.traces().prepare({std::move(spec)}, true);
  if (!prepared) return prepared.error();
  static constexpr const char* words[] = {"added", "changed", "unchanged"};
  std::string said = words[size_t(prepared->front().kind)];
  world.hub.traces().commit(std::move(*prepared), 0);
  return said;
}

// Calls that had entered under the old rules arrive after the change.
std::string takeOver() {
  World world;
  world.add({.name = "t1", .syscalls = {"openat", "close"}});
  world.call(11, "openat");
  auto wanted = world.record(cgroup(11), "openat");
  auto unwanted = world.record(cgroup(11), "close");
  auto elsewhere = world.record(cgroup(12), "openat");
  std::string out =
      replace(world, {.name = "t1", .syscalls = {"openat", "dup"}, .labelSelector = "app=nginx"});
  for (const auto* late : {&wanted, &unwanted, &elsewhere}) world.send(*late);
  world.call(11, "openat");
  world.call(11, "dup");
  out += "; " + world.seen() + "| " + world.ledger("t1");
  // What says the same in other words is left alone.
  TraceId before = world.trace("t1").id;
  out += "; " + replace(world, {.name = "t1",
                                .syscalls = {"openat", "dup"},
                                .labelSelector = " app == nginx",
                                .sampleRate = 0});
  return out + (world.trace("t1").id == before ? "" : " !id") + world.wrong();
}

void takesOver(void**) {
  assert_string_equal(
      keep(takeOver()),
      "changed; t1:openat@a; t1:openat@a; t1:openat@a; t1:dup@a; | 6: 4 delivered 2 filtered; "
      "unchanged");
}

std::string limitRate() {
  World world;
  world.add({.name = "t1", .rate = 2});
  std::string out;
  for (uint64_t at : {100, 100, 100, 600, 600, 700, 10'000, 10'000, 9'000, 10'000}) {
    auto record = world.record(cgroup(11), "openat");
    record.head().finish = at * 1'000'000;
    world.send(record);
    out += world.seen().empty() ? "-" : "+";
  }
  return out + " " + world.ledger("t1");
}

// Two at once, then one each half second, and never more than one second's worth.
void limitsTheRate(void**) {
  assert_string_equal(keep(limitRate()), "++-+--++-- 10: 5 delivered 5 rateLimited");
}

std::string oneContainer() {
  World world;
  world.add({.name = "t1", .labelSelector = "app=nginx"});
  auto said = [](const Result<const Trace*>& changed) {
    return changed ? std::string("ok ") : changed.error() + "; ";
  };
  std::string out = said(world.hub.traces().addContainer("t1", "b"));
  world.call(12, "openat");
  out += said(world.hub.traces().removeContainer("t1", "a"));
  out += std::to_string(world.kernel.route(cgroup(11), "openat")) + " ";
  out += said(world.hub.traces().removeContainer("t1", "a"));
  out += said(world.hub.traces().addContainer("t1", "nob"));
  out += said(world.hub.traces().addContainer("t2", "b"));
  return out + "| " + world.seen() + world.wrong();
}

void takesOneContainerMoreOrLess(void**) {
  assert_string_equal(keep(oneContainer()),
                      "ok ok 0 trace 't1' does not match container 'a'; unknown container 'nob'; "
                      "unknown trace 't2'; did you mean 't1'?; | t1:openat@b; ");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(checksSpecs),
      cmocka_unit_test(makesAndFindsNames),
      cmocka_unit_test(tellsWhatADryRunMatches),
      cmocka_unit_test(deliversOnceToAllWhoWant),
      cmocka_unit_test(accountsForEach),
      cmocka_unit_test(blamesTheSinkThatFailed),
      cmocka_unit_test(routesToManyTraces),
      cmocka_unit_test(addsTheKernelsCounts),
      cmocka_unit_test(deliversWhatTwoRulesMatchOnce),
      cmocka_unit_test(countsWhatMakesNoSense),
      cmocka_unit_test(drainsBeforeATraceIsGone),
      cmocka_unit_test(lateEventsReachWhoStays),
      cmocka_unit_test(letsSinksLeaveAtTheEnd),
      cmocka_unit_test(endsWhatHasRunItsTime),
      cmocka_unit_test(endsAllStreams),
      cmocka_unit_test(triesAgainToAttach),
      cmocka_unit_test(failsByKindOfEvent),
      cmocka_unit_test(routesByKindOfEvent),
      cmocka_unit_test(triesAgainToWatch),
      cmocka_unit_test(triesAgainToFindRoom),
      cmocka_unit_test(saysWhenItHasToDo),
      cmocka_unit_test(takesTheTimeOfDayAnew),
      cmocka_unit_test(givesAllRulesAnew),
      cmocka_unit_test(attachesOnlyWhileNeeded),
      cmocka_unit_test(namesWhoeverMadeTheCall),
      cmocka_unit_test(hidesWhatTheNodeLeavesOut),
      cmocka_unit_test(takesOver),
      cmocka_unit_test(limitsTheRate),
      cmocka_unit_test(takesOneContainerMoreOrLess),
  };
  return cmocka_run_group_tests_name("hub", tests, nullptr, nullptr);
}
