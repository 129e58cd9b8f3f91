// SPDX-License-Identifier: Apache-2.0
// The API with the real server and hub over a made-up kernel: both ends in one event loop.
#include <capnp/rpc-twoparty.h>
#include <capnp/serialize.h>
#include <kj/async-io.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "rpc/convert-trace.h"
#include "rpc/listener.h"
#include "rpc/server.h"
#include "tests/core/fake-clock.h"
#include "tests/core/fake-kernel.h"
#include "tests/core/make-record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

struct FakeStatus final : StatusSource {
  void fill(schema::Status::Builder status) override { status.setVersion("made-up"); }
};

Container container(const char* id, uint64_t cgroupId, const char* nameSpace, const char* pod,
                    const char* name) {
  Container c;
  c.id = id, c.cgroupId = cgroupId, c.nameSpace = nameSpace, c.pod = pod, c.name = name;
  c.labels = {{"app", name}}, c.source = "cri", c.cgroupPath = "/x", c.phase = "Running", c.pid = 9;
  return c;
}

// What a stream got. It outlives the stream.
struct Seen {
  std::string log;                // "t1:openat#70@a; gap 3; end: ..."
  std::vector<uint64_t> numbers;  // of its events, in order
  std::vector<uint64_t> gaps;     // before each of them, and the last one behind all
  uint64_t missing = 0;
  size_t batches = 0;
  size_t words = 0;  // of its events
  bool answers = true, ended = false, quiet = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> held;

  Seen() { gaps.push_back(0); }
};

class Stream final : public schema::EventSink::Server {
 public:
  explicit Stream(Seen& seen) : seen(seen) {}

 protected:
  kj::Promise<void> events(EventsContext context) override {
    seen.batches++;
    for (auto item : context.getParams().getItems()) {
      if (item.isGap()) {
        seen.missing += item.getGap();
        seen.gaps.back() += item.getGap();
        seen.log += "gap " + std::to_string(item.getGap()) + "; ";
        continue;
      }
      auto event = item.getEvent();
      seen.words += event.totalSize().wordCount;
      seen.numbers.push_back(event.getPid());
      seen.gaps.push_back(0);
      if (seen.quiet) continue;
      std::vector<std::string> traces;
      for (auto name : event.getTraces()) traces.push_back(name.cStr());
      seen.log += join(traces, ",") + ":" + event.getName().cStr() + "#" +
                  std::to_string(event.getPid()) + "@" +
                  (event.hasContainer() ? event.getContainer().getId().cStr() : "host") + "; ";
    }
    if (seen.answers) return kj::READY_NOW;
    auto paf = kj::newPromiseAndFulfiller<void>();
    seen.held.push_back(kj::mv(paf.fulfiller));
    return kj::mv(paf.promise);
  }
  kj::Promise<void> end(EndContext context) override {
    seen.log += std::string("end: ") + context.getParams().getReason().cStr() + "; ";
    seen.ended = true;
    return kj::READY_NOW;
  }

 private:
  Seen& seen;
};

struct World {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  FakeKernel kernel;
  FakeClock clock;
  FakeStatus status;
  Hub hub{kernel, clock};
  TraceBook book{hub.traces(), clock, {.stateFolder = "", .tracesFolder = "", .mostTraces = 20}};
  kj::TwoWayPipe pipe = io.provider->newTwoWayPipe();
  capnp::TwoPartyClient server{*pipe.ends[0], server_(), capnp::rpc::twoparty::Side::SERVER};
  capnp::TwoPartyClient client{*pipe.ends[1]};
  schema::Swoll::Client api = client.bootstrap().castAs<schema::Swoll>();

  World() {
    hub.setContainers({container("a", 11, "swoll", "web-1", "nginx"),
                       container("b", 12, "swoll", "db-1", "redis")});
  }
  schema::Swoll::Client server_() { return kj::heap<Server>(hub, book, clock, status, 1000u); }

  void pause(int ms = 1) {
    io.provider->getTimer().afterDelay(ms * kj::MILLISECONDS).wait(io.waitScope);
  }
  // Turns the loop until it holds, for ten seconds at most.
  bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 10'000 && !holds(); i++) pause();
    return holds();
  }
  // What a call says: its answer, or the error's text without the other end's prefix.
  static std::string said(const std::function<std::string()>& call) {
    try {
      return call();
    } catch (const kj::Exception& error) {
      std::string text = error.getDescription().cStr();
      constexpr std::string_view prefix = "remote exception: ";
      return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    }
  }

  static std::string inWords(schema::Trace::Reader trace) {
    static const char* states[] = {"running", "expired", "failed"};
    std::string out =
        std::string(trace.getSpec().getName().cStr()) + " " + states[size_t(trace.getState())];
    for (auto id : trace.getContainers()) out += std::string(" ") + id.cStr();
    auto ledger = trace.getLedger();
    return out + " " + std::to_string(ledger.getMatched()) + "=" +
           std::to_string(ledger.getDelivered()) + " uid " + std::to_string(trace.getOwner()) +
           " followers " + std::to_string(trace.getStreams());
  }
  std::string add(const TraceSpec& spec, bool dryRun = false) {
    return said([&] {
      auto request = api.addTraceRequest();
      toWire(spec, request.initSpec());
      request.setDryRun(dryRun);
      return inWords(request.send().wait(io.waitScope).getTrace());
    });
  }
  std::string add(const char* name, std::vector<std::string> calls) {
    TraceSpec spec;
    spec.name = name, spec.syscalls = std::move(calls);
    return add(spec);
  }
  std::string get(const char* name) {
    return said([&] {
      auto request = api.getTraceRequest();
      request.setName(name);
      return inWords(request.send().wait(io.waitScope).getTrace());
    });
  }
  std::string remove(const char* name) {
    return said([&] {
      auto request = api.removeTraceRequest();
      request.setName(name);
      return inWords(request.send().wait(io.waitScope).getTrace());
    });
  }
  std::string list() {
    return said([&] {
      std::string out;
      auto answer = api.listTracesRequest().send().wait(io.waitScope);
      for (auto trace : answer.getTraces()) out += inWords(trace) + "; ";
      return out;
    });
  }
  schema::Subscription::Client tail(std::vector<const char*> names, Seen& seen) {
    auto request = api.tailRequest();
    auto list = request.initTraces(names.size());
    for (size_t i = 0; i < names.size(); i++) list.set(i, names[i]);
    request.setSink(kj::heap<Stream>(seen));
    return request.send().wait(io.waitScope).getSubscription();
  }
  schema::Subscription::Client attachPath(const char* path, Seen& seen) {
    auto request = api.attachPathRequest();
    request.setPath(path);
    request.setSink(kj::heap<Stream>(seen));
    return request.send().wait(io.waitScope).getSubscription();
  }
  void call(Scope scope, const char* name, uint32_t pid = 70, size_t pathBytes = 0) {
    RecordMaker made(name);
    made.head().pid = pid;
    if (pathBytes) made.args({0, 0x1000}).block(1, std::string(pathBytes, 'p'));
    made.route(kernel.route(scope, name));
    if (kernel.scopes.contains(scope)) made.container(kernel.scopes.at(scope).container);
    kernel.routeCounts[made.head().route].matched++;
    kernel.routeCounts[made.head().route].emitted++;
    hub.intake().accept(made.data(), made.size());
  }
};

// ---- methods ----

std::string methods() {
  World w;
  std::string out;
  auto line = [&](const std::string& text) { out += text + "\n"; };
  line(w.add("t1", {"openat", "execve"}));
  line(w.add("", {"close"}));
  line(w.add("t1", {"close"}));
  line(w.add("t3", {"opennat"}));
  TraceSpec dry;
  dry.name = "dry", dry.syscalls = {"openat"}, dry.labelSelector = "app=redis";
  line(w.add(dry, true));
  dry.fieldSelector = "status.fase=x";
  line(w.add(dry, true));
  w.call(cgroup(11), "openat");
  line(w.list());
  line(w.get("t1"));
  line(w.get("t11"));
  line(w.remove("t1"));
  line(w.remove("t1"));
  line(w.list());
  return out;
}

void answersMethods(void**) {
  assert_string_equal(
      keep(methods()),
      "t1 running a b 0=0 uid 1000 followers 0\n"
      "trace-2 running a b 0=0 uid 1000 followers 0\n"
      "trace 't1' exists already\n"
      "unknown system call 'opennat'; did you mean 'openat'?\n"
      "dry running b 0=0 uid 0 followers 0\n"
      "unknown field 'status.fase'; did you mean 'status.phase'?\n"
      "t1 running a b 1=1 uid 1000 followers 0; trace-2 running a b 0=0 uid 1000 followers 0; \n"
      "t1 running a b 1=1 uid 1000 followers 0\n"
      "unknown trace 't11'; did you mean 't1'?\n"
      "t1 expired 1=1 uid 1000 followers 0\n"
      "unknown trace 't1'\n"
      "trace-2 running a b 0=0 uid 1000 followers 0; \n");
}

// Traces of a client that go with it, and one of its that stays.
std::string temporaryTraces() {
  World w;
  std::string out;
  {
    auto pipe = w.io.provider->newTwoWayPipe();
    capnp::TwoPartyClient server{*pipe.ends[0], w.server_(), capnp::rpc::twoparty::Side::SERVER};
    capnp::TwoPartyClient client{*pipe.ends[1]};
    auto add = [&](const char* name, bool temporary, bool persist) {
      auto request = client.bootstrap().castAs<schema::Swoll>().addTraceRequest();
      TraceSpec spec;
      spec.name = name, spec.syscalls = {"openat"};
      toWire(spec, request.initSpec());
      request.setTemporary(temporary);
      request.setPersist(persist);
      out += World::said(
                 [&] { return World::inWords(request.send().wait(w.io.waitScope).getTrace()); }) +
             "; ";
    };
    add("goes", true, false);
    add("gone", true, false);
    add("stays", false, false);
    add("kept", true, true);
    w.remove("gone");
  }
  w.pause();
  return out + "| " + w.list() + w.kernel.wrong;
}

void removesTracesOfAClientThatGoes(void**) {
  assert_string_equal(
      keep(temporaryTraces()),
      "goes running a b 0=0 uid 1000 followers 0; gone running a b 0=0 uid 1000 followers 0; "
      "stays running a b 0=0 uid 1000 followers 0; "
      "a trace that goes with its client can't be kept over restarts; "
      "| stays running a b 0=0 uid 1000 followers 0; ");
}

// A spec comes back as it was sent.
std::string specs() {
  World w;
  TraceSpec spec;
  spec.name = "t1", spec.syscalls = {"openat", "!close"}, spec.labelSelector = "a=b";
  spec.fieldSelector = "status.phase=Running", spec.nameSpace = "n", spec.pod = "p*",
  spec.container = "c";
  spec.pid = 3, spec.comm = "sh", spec.uid = 4, spec.errors = {"ENOENT"}, spec.minLatency = 5;
  spec.sampleRate = 6, spec.duration = 7, spec.journal = false;
  w.add(spec);
  auto request = w.api.getTraceRequest();
  request.setName("t1");
  auto answer = request.send().wait(w.io.waitScope);
  auto s = answer.getTrace().getSpec();
  std::string out = std::string(s.getName().cStr()) + " ";
  for (auto call : s.getSyscalls()) out += std::string(call.cStr()) + " ";
  for (auto text : {s.getLabelSelector(), s.getFieldSelector(), s.getNamespace(), s.getPod(),
                    s.getContainer(), s.getComm()})
    out += std::string(text.cStr()) + " ";
  for (auto error : s.getErrno()) out += std::string(error.cStr()) + " ";
  for (uint64_t n :
       {uint64_t(s.getPid()), uint64_t(s.getUid()), s.getMinLatency(), uint64_t(s.getSampleRate()),
        s.getDuration(), uint64_t(s.getJournal()), uint64_t(s.getHost()), uint64_t(s.getPidns())})
    out += std::to_string(n) + " ";
  return out;
}

void keepsSpecs(void**) {
  assert_string_equal(
      keep(specs()), "t1 openat !close a=b status.phase=Running n p* c sh ENOENT 3 4 5 6 7 0 0 0 ");
}

std::string containersAndStatus() {
  World w;
  TraceSpec spec;
  spec.name = "t1", spec.syscalls = {"openat"}, spec.labelSelector = "app=nginx";
  w.add(spec);
  std::string out;
  auto answer = w.api.containersRequest().send().wait(w.io.waitScope);
  for (auto c : answer.getContainers()) {
    auto ref = c.getRef();
    out += std::string(ref.getId().cStr()) + " " + ref.getNamespace().cStr() + "/" +
           ref.getPod().cStr() + "/" + ref.getName().cStr() + " " + c.getSource().cStr() + " " +
           std::to_string(c.getCgroupId()) + " " + c.getPhase().cStr();
    for (auto trace : c.getTraces()) out += std::string(" ") + trace.cStr();
    out += "; ";
  }
  return out + w.api.statusRequest().send().wait(w.io.waitScope).getStatus().getVersion().cStr();
}

void showsContainersAndStatus(void**) {
  assert_string_equal(
      keep(containersAndStatus()),
      "a swoll/web-1/nginx cri 11 Running t1; b swoll/db-1/redis cri 12 Running; made-up");
}

// "openat 3 numbers 4 args", "N calls" when there are several.
std::string calls(const char* pattern) {
  World w;
  return World::said([&]() -> std::string {
    auto request = w.api.syscallsRequest();
    request.setPattern(pattern);
    auto answer = request.send().wait(w.io.waitScope);
    auto found = answer.getSyscalls();
    if (found.size() != 1)
      return found.size() > 5 ? "many" : std::to_string(found.size()) + " calls";
    auto call = found[0];
    std::string out = std::string(call.getName().cStr()) + " " + call.getClass().cStr() + "/" +
                      call.getGroup().cStr();
    for (auto number : call.getNumbers())
      out += std::string(" ") + number.getArch().cStr() + "=" + std::to_string(number.getValue());
    for (auto arg : call.getArgs()) out += std::string(" ") + arg.getKind().cStr();
    return out;
  });
}

void showsSyscalls(void**) {
  static const struct {
    const char *pattern, *expected;
  } rows[] = {
      {"openat", "openat FileSystem/Files x86_64=257 i386=295 arm64=56 dirfd path flags octal"},
      {"sys_openat", "openat FileSystem/Files x86_64=257 i386=295 arm64=56 dirfd path flags octal"},
      {"execve*", "2 calls"},
      {"@Files", "many"},
      {"Network", "many"},
      {"", "many"},
      {"opennat", "unknown system call 'opennat'; did you mean 'openat'?"},
  };
  for (const auto& row : rows) assert_string_equal(keep(calls(row.pattern)), row.expected);
}

// ---- streams ----

std::string stream() {
  World w;
  Seen one, all;
  w.add("t1", {"openat"});
  w.add("t2", {"openat", "execve"});
  auto first = w.tail({"t1"}, one);
  auto second = w.tail({}, all);
  w.call(cgroup(11), "openat", 1);
  w.call(cgroup(12), "execve", 2);
  w.call(cgroup(12), "openat", 3);
  w.until([&] { return all.numbers.size() == 3 && one.numbers.size() == 2; });
  std::string out = one.log + "| " + all.log + "| " + std::to_string(all.batches) + " batch | " +
                    w.get("t1") + " | ";
  // Events that were captured before the trace's end come before the stream's.
  w.call(cgroup(11), "openat", 4);
  w.remove("t1");
  w.until([&] { return one.ended; });
  out += one.log.substr(one.log.find("#4") - 16) + "| " +
         (all.ended ? "all ended" : "all goes on") + " | ";
  { auto dropped = kj::mv(second); }
  w.until([&] { return w.hub.sinks().followers(*w.hub.traces().all().begin()->second) == 0; });
  size_t before = all.numbers.size();
  w.call(cgroup(11), "openat", 5);
  w.pause(20);
  return out + std::to_string(all.numbers.size() - before) + " after it was dropped; " +
         w.get("t2");
}

void streamsEvents(void**) {
  assert_string_equal(keep(stream()),
                      "t1,t2:sys_openat#1@a; t1,t2:sys_openat#3@b; | "
                      "t1,t2:sys_openat#1@a; t2:sys_execve#2@b; t1,t2:sys_openat#3@b; | 1 batch | "
                      "t1 running a b 2=2 uid 1000 followers 2 | t1,t2:sys_openat#4@a; end: trace "
                      "'t1' has ended; | all goes on | "
                      "0 after it was dropped; t2 running a b 5=5 uid 1000 followers 0");
}

std::string tailOf(const char* name) {
  World w;
  Seen seen;
  w.add("t1", {"openat"});
  return World::said([&] {
    w.tail({"t1", name}, seen);
    return std::string("ok ") +
           std::to_string(w.hub.sinks().followers(**w.hub.traces().find("t1")));
  });
}

void refusesUnknownTraces(void**) {
  assert_string_equal(keep(tailOf("t11")), "unknown trace 't11'; did you mean 't1'?");
  assert_string_equal(keep(tailOf("t1")), "ok 1");
}

std::string path(const char* pattern) {
  World w;
  TraceSpec host;
  host.name = "host", host.syscalls = {"openat"}, host.host = true;
  w.add("t1", {"openat", "execve"});
  w.add(host);
  Seen seen;
  return World::said([&] {
    auto held = w.attachPath(pattern, seen);
    w.call(cgroup(11), "openat", 1);
    w.call(cgroup(11), "execve", 2);
    w.call(cgroup(12), "openat", 3);
    w.call(swoll::host, "openat", 4);
    w.hub.end("done");
    w.until([&] { return seen.ended; });
    std::string out;
    for (uint64_t number : seen.numbers) out += std::to_string(number);
    return out;
  });
}

void attachesByPath(void**) {
  static const struct {
    const char *path, *expected;
  } rows[] = {
      {"swoll", "123"},
      {"swoll/web-1", "12"},
      {"swoll/web-1/nginx/openat", "1"},
      {"swoll/web-1/nginx/sys_openat", "1"},
      {"swoll/*/redis", "3"},
      {"*", "1234"},
      {"*/*/*/exec*", "2"},
      {"*/*/*/sys_exec*", "2"},
      {"///openat", "134"},
      {"sw?ll//[n]*", "12"},
      {"other", ""},
      {"swoll/web-1/nginx/opennat", "unknown system call 'opennat'; did you mean 'openat'?"},
      {"", "bad path '': expected namespace/pod/container/call"},
      {"a/b/c/d/e", "bad path 'a/b/c/d/e': expected namespace/pod/container/call"},
  };
  for (const auto& row : rows) assert_string_equal(keep(path(row.path)), row.expected);
}

// A client that does not answer: what finds no room is told where it is missing, exactly.
std::string behind() {
  World w;
  Seen slow, quick;
  slow.quiet = quick.quiet = true;
  slow.answers = false;
  w.add("t1", {"openat"});
  auto held = w.tail({"t1"}, slow);
  uint32_t sent = 0;
  auto send = [&](uint32_t count) {
    while (count-- > 0) w.call(cgroup(11), "openat", ++sent, 4000);
  };
  send(12'000);
  w.until([&] { return slow.batches >= 2; });
  w.pause(20);
  std::string out;
  if (slow.batches < 2 || slow.batches > 4)
    out += std::to_string(slow.batches) + " batches unanswered; ";
  if (slow.missing) out += "told too early; ";
  send(6'000);
  // The server goes on for others meanwhile.
  auto other = w.tail({"t1"}, quick);
  send(100);
  if (!w.until([&] { return quick.numbers.size() == 100; })) out += "another client waits for it; ";
  slow.answers = true;
  for (auto& fulfiller : slow.held) fulfiller->fulfill();
  if (!w.until([&] { return slow.numbers.size() + slow.missing == sent; }))
    out += std::to_string(slow.numbers.size()) + " events and " + std::to_string(slow.missing) +
           " missing of " + std::to_string(sent) + "; ";
  if (!slow.missing || slow.numbers.size() < 2048) out += "this tests nothing; ";
  uint64_t last = 0;
  for (size_t i = 0; i < slow.numbers.size(); i++) {
    if (slow.numbers[i] != last + 1 + slow.gaps[i])
      out += "a gap of " + std::to_string(slow.gaps[i]) + " before " +
             std::to_string(slow.numbers[i]) + "; ";
    last = slow.numbers[i];
  }
  Ledger ledger = w.hub.traces().ledger(**w.hub.traces().find("t1"));
  uint64_t behind = ledger.lostTo(Subscription::behind);
  if (behind != slow.missing || ledger.delivered + behind != sent || ledger.matched != sent)
    out += "ledger: " + std::to_string(behind) + " behind; ";
  if (quick.missing) out += "the other one missed some; ";
  return out;
}

// What waits for a client and what it has not answered is 32 MiB at most, of which a quarter is
// under way.
std::string holds() {
  constexpr size_t mostWords = 4 << 20;
  constexpr uint32_t count = 14'000;
  World w;
  Seen slow;
  slow.quiet = true;
  slow.answers = false;
  w.add("t1", {"openat"});
  auto held = w.tail({"t1"}, slow);
  for (uint32_t sent = 0; sent < count;) {
    w.call(cgroup(11), "openat", ++sent, 4000);
    if (sent % (count / 2) != 0) continue;
    w.until([&] { return slow.batches > 0; });  // what may go now has gone
    w.pause(20);
  }
  std::string out;
  if (slow.words > mostWords / 4) out += std::to_string(slow.words) + " words unanswered; ";
  Ledger before = w.hub.traces().ledger(**w.hub.traces().find("t1"));
  slow.answers = true;
  for (auto& fulfiller : slow.held) fulfiller->fulfill();
  if (!w.until([&] { return slow.numbers.size() + slow.missing == count; }))
    out += std::to_string(slow.numbers.size()) + "+" + std::to_string(slow.missing) + "; ";
  if (slow.words > mostWords) out += std::to_string(slow.words) + " words were held; ";
  if (slow.words < mostWords / 4 * 3) out += "only " + std::to_string(slow.words) + " words; ";
  if (!slow.missing || before.lostTo(Subscription::behind) != slow.missing ||
      slow.gaps.back() != slow.missing)
    out += "gap " + std::to_string(slow.missing) + "; ";
  return out;
}

void boundsWhatItHolds(void**) { assert_string_equal(keep(holds()), ""); }

void tellsGapsExactly(void**) { assert_string_equal(keep(behind()), ""); }

// A client that fails ends its own stream alone.
class Failing final : public schema::EventSink::Server {
  kj::Promise<void> events(EventsContext) override { KJ_FAIL_REQUIRE("no"); }
  kj::Promise<void> end(EndContext) override { KJ_FAIL_REQUIRE("no"); }
};

std::string failing() {
  World w;
  w.add("t1", {"openat"});
  auto request = w.api.tailRequest();
  request.setSink(kj::heap<Failing>());
  auto answer = request.send().wait(w.io.waitScope);
  Seen seen;
  auto held = w.tail({}, seen);
  for (uint32_t i = 1; i <= 3; i++) {
    w.call(cgroup(11), "openat", i);
    w.until([&] { return seen.numbers.size() == i; });
  }
  return std::to_string(seen.numbers.size()) + " " +
         std::to_string(w.hub.sinks().followers(**w.hub.traces().find("t1")));
}

void endsAStreamThatFailsAlone(void**) { assert_string_equal(keep(failing()), "3 1"); }

// ---- connections ----

struct Door {
  World w;
  std::string folder, path;
  uint32_t peer = 0;
  kj::Own<Listener> listener;
  kj::Promise<void> running = nullptr;

  Door() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rpc-test.XXXXXX").string();
    folder = mkdtemp(pattern.data());
    path = folder + "/deep/s.sock";
    auto fd = listenAt(path, "");
    listener = kj::heap<Listener>(*w.io.lowLevelProvider, w.io.provider->getTimer(), *fd,
                                  [this](uint32_t uid) {
                                    peer = uid;
                                    return w.server_();
                                  });
    running = listener->run().eagerlyEvaluate(nullptr);
  }
  ~Door() { std::filesystem::remove_all(folder); }

  int connect() {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path.c_str(), path.size() + 1);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))) abort();
    return fd;
  }
  // A whole client, from connection to answer.
  std::string ask() {
    return World::said([&] {
      auto stream = w.io.lowLevelProvider->wrapSocketFd(
          connect(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
      capnp::TwoPartyClient client(*stream);
      auto api = client.bootstrap().castAs<schema::Swoll>();
      auto answer = api.statusRequest().send().wait(w.io.waitScope);
      return std::string(answer.getStatus().getVersion().cStr());
    });
  }
};

std::string garbage() {
  Door door;
  std::string out;
  // A good request, to be cut at every length.
  std::string good;
  {
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<schema::TraceSpec>();
    root.setName("x");
    auto words = capnp::messageToFlatArray(message);
    good.assign(words.asChars().begin(), words.asChars().size());
  }
  std::vector<std::string> hostile = {
      "GET / HTTP/1.1\r\n\r\n",
      std::string(8, '\xff'),
      std::string(4096, '\0'),
      std::string("\0\0\0\0\xff\xff\xff\xff", 8),  // a segment of 32 GiB
      std::string("\xff\xff\xff\x7f", 4),
      good,
      ""};
  for (size_t i = 1; i < good.size(); i += 7) hostile.push_back(good.substr(0, i));
  std::string noise;
  for (uint32_t i = 0, x = 1; i < 10000; i++, x = x * 1664525 + 1013904223) noise += char(x >> 24);
  hostile.push_back(noise);
  for (const std::string& bytes : hostile) {
    int fd = door.connect();
    if (write(fd, bytes.data(), bytes.size()) != ssize_t(bytes.size())) out += "not written; ";
    door.w.pause();
    close(fd);
  }
  if (!door.w.until([&] { return door.listener->clients() == 0; }))
    out += std::to_string(door.listener->clients()) + " stay; ";
  out += door.ask();
  if (door.peer != getuid()) out += "; peer " + std::to_string(door.peer);
  return out;
}

void outlivesHostileClients(void**) { assert_string_equal(keep(garbage()), "made-up"); }

std::string crowd() {
  Door door;
  std::vector<int> fds;
  for (int i = 0; i < 300; i++) {
    fds.push_back(door.connect());
    if (i % 50 == 0) door.w.pause();
  }
  std::string out;
  if (!door.w.until([&] { return door.listener->clients() + door.listener->refused() == 300; }))
    out += "not all are taken; ";
  out += std::to_string(door.listener->clients()) + " in, " +
         std::to_string(door.listener->refused()) + " refused; ";
  for (int fd : fds) close(fd);
  if (!door.w.until([&] { return door.listener->clients() == 0; })) out += "some stay; ";
  return out + door.ask();
}

void bearsACrowd(void**) { assert_string_equal(keep(crowd()), "256 in, 44 refused; made-up"); }

// A client that goes without a word ends its streams.
std::string vanish() {
  Door door;
  door.w.add("t1", {"openat"});
  Seen seen;
  auto stream = door.w.io.lowLevelProvider->wrapSocketFd(
      door.connect(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  auto client = kj::heap<capnp::TwoPartyClient>(*stream);
  auto api = client->bootstrap().castAs<schema::Swoll>();
  auto request = api.tailRequest();
  request.setSink(kj::heap<Stream>(seen));
  auto held = request.send().wait(door.w.io.waitScope).getSubscription();
  const Trace& trace = **door.w.hub.traces().find("t1");
  std::string out = std::to_string(door.w.hub.sinks().followers(trace));
  stream->shutdownWrite();
  door.w.until([&] { return door.w.hub.sinks().followers(trace) == 0; });
  door.w.call(cgroup(11), "openat");
  return out + " " + std::to_string(door.w.hub.sinks().followers(trace)) + " " + door.w.get("t1");
}

void endsStreamsOfAClientThatGoes(void**) {
  assert_string_equal(keep(vanish()), "1 0 t1 running a b 1=1 uid 1000 followers 0");
}

// ---- the socket ----

std::string listening() {
  Door door;
  std::string out;
  auto say = [&](const Result<int>& result) {
    std::string text = result ? "ok" : result.error();
    if (size_t at = text.find(door.folder); at != text.npos)
      text.replace(at, door.folder.size(), "DIR");
    out += text + "\n";
    if (result) close(*result);
  };
  auto mode = std::filesystem::status(door.path).permissions();
  out += mode == std::filesystem::perms(0660) ? "0660\n" : "other mode\n";
  say(listenAt(door.path, ""));
  say(listenAt(door.folder + "/deep", ""));
  say(listenAt("", ""));
  say(listenAt(std::string(200, 'x'), ""));
  say(listenAt(door.folder + "/stale", ""));  // left by one that died
  say(listenAt(door.folder + "/stale", ""));
  removeSocket(door.folder + "/stale");
  return out + (std::filesystem::exists(door.folder + "/stale") ? "stays" : "gone");
}

void takesOverStaleSockets(void**) {
  static const std::string expected =
      "0660\nDIR/deep/s.sock is served already; is another swolld running?\n"
      "DIR/deep exists and is no socket\n"
      "socket path '' is empty or longer than 107 bytes\nsocket path '" +
      std::string(200, 'x') + "' is empty or longer than 107 bytes\nok\nok\ngone";
  assert_string_equal(keep(listening()), expected.c_str());
}

// ---- what a hostile client sends ----

// The error is short, names what was too much, and nothing has changed.
std::string apply(World& w, const std::vector<TraceSpec>& specs, bool replace) {
  return World::said([&] {
    auto request = w.api.applyTracesRequest();
    auto wire = request.initSpecs(uint(specs.size()));
    for (uint i = 0; i < wire.size(); i++) toWire(specs[i], wire[i]);
    request.setReplace(replace);
    auto answer = request.send().wait(w.io.waitScope);
    std::string out;
    static constexpr const char* words[] = {"added ", "changed ", "unchanged "};
    for (auto applied : answer.getResults())
      out += std::string(words[size_t(applied.getChange())]) + w.inWords(applied.getTrace()) + "; ";
    return out;
  });
}

TraceSpec named(const char* name, std::vector<std::string> calls) {
  TraceSpec spec;
  spec.name = name, spec.syscalls = std::move(calls);
  return spec;
}

std::string tooMuch() {
  World w;
  std::string out;
  auto line = [&](const std::string& text) {
    out += text.substr(0, 100) + (text.size() > 1000 ? " TOO LONG" : "") + "\n";
  };
  TraceSpec spec = named("x", {"openat"});
  spec.name = std::string(10'000'000, 'a');
  line(w.add(spec));
  spec = named("x", std::vector<std::string>(60'000, "openat"));
  line(w.add(spec));
  spec = named("x", std::vector<std::string>(100'000, "openat"));
  line(w.add(spec));
  spec = named("x", {std::string(5000, 'x')});
  line(w.add(spec));
  spec = named("x", {"openat"});
  for (int i = 0; i < 1'000'000; i++) spec.labelSelector += "a,";
  line(w.add(spec));
  spec = named("x", {"openat"});
  spec.pod = std::string(5000, '*');
  line(w.add(spec));
  spec = named("x", {"openat"});
  spec.args.assign(17, {"pathname", "*"});
  line(w.add(spec));
  line(w.get(std::string(10'000'000, 'a').c_str()));
  line(apply(w, std::vector<TraceSpec>(50, spec), false));
  std::vector<TraceSpec> many;
  for (int i = 0; i < 20; i++) many.push_back(named(("t" + std::to_string(i)).c_str(), {"openat"}));
  line(apply(w, many, false).substr(0, 20));
  line(w.add("x", {"openat"}));
  return out + std::to_string(w.hub.traces().all().size());
}

void boundsWhatClientsSend(void**) {
  std::string a(100, 'a');
  std::string expected =
      ("bad trace name '" + a).substr(0, 100) + "\n" +
      "too many system calls: 60000, and at most 2048 are taken\n"
      "a list of the trace's spec is too long\n"
      "too long, in the system calls: 5000 bytes, and at most 1024 are taken\n"
      "too long, in the label selector: 2000000 bytes, and at most 16384 are taken\n"
      "too long, in the pod: 5000 bytes, and at most 4096 are taken\n"
      "too many arguments to compare: 17, and at most 16 are taken\n" +
      ("unknown trace '" + a).substr(0, 100) + "\n" +
      "too many traces at once: 50, and at most 20 may run\n"
      "added t0 running a b\n"
      "too many traces: there are 20, and at most 20 may run ([daemon] max-traces)\n"
      "20";
  assert_string_equal(keep(tooMuch()), keep(expected));
}

// ---- applying ----

std::string applies() {
  World w;
  std::string out;
  auto line = [&](const std::string& text) { out += text + "\n"; };
  line(apply(w, {named("t1", {"openat"}), named("t2", {"close"})}, true));
  line(apply(w, {named("t1", {"openat"}), named("t2", {"close", "dup"})}, true));
  line(apply(w, {named("t3", {"openat"}), named("t1", {"opennat"})}, true));
  line(apply(w, {named("t3", {"openat"}), named("t1", {"openat"})}, false));
  line(apply(w, {named("", {"openat"})}, true));
  line(apply(w, {named("", {"openat"}), named("", {"close"})}, false));
  return out + w.list();
}

void appliesAllOrNone(void**) {
  assert_string_equal(
      keep(applies()),
      "added t1 running a b 0=0 uid 1000 followers 0; added t2 running a b 0=0 uid 1000 followers "
      "0; \n"
      "unchanged t1 running a b 0=0 uid 1000 followers 0; changed t2 running a b 0=0 uid 1000 "
      "followers 0; \n"
      "unknown system call 'opennat'; did you mean 'openat'?\n"
      "trace 't1' exists already\n"
      "a trace to apply needs a name (metadata.name)\n"
      "added trace-4 running a b 0=0 uid 1000 followers 0; added trace-5 running a b 0=0 uid 1000 "
      "followers 0; \n"
      "t1 running a b 0=0 uid 1000 followers 0; t2 running a b 0=0 uid 1000 followers 0; trace-4 "
      "running a b 0=0 uid 1000 followers 0; trace-5 running a b 0=0 uid 1000 followers 0; ");
}

}  // namespace

int main() {
  setLogLevel(LogLevel::warning);
  const CMUnitTest tests[] = {
      cmocka_unit_test(answersMethods),
      cmocka_unit_test(removesTracesOfAClientThatGoes),
      cmocka_unit_test(keepsSpecs),
      cmocka_unit_test(showsContainersAndStatus),
      cmocka_unit_test(showsSyscalls),
      cmocka_unit_test(boundsWhatClientsSend),
      cmocka_unit_test(appliesAllOrNone),
      cmocka_unit_test(streamsEvents),
      cmocka_unit_test(refusesUnknownTraces),
      cmocka_unit_test(attachesByPath),
      cmocka_unit_test(tellsGapsExactly),
      cmocka_unit_test(boundsWhatItHolds),
      cmocka_unit_test(endsAStreamThatFailsAlone),
      cmocka_unit_test(outlivesHostileClients),
      cmocka_unit_test(bearsACrowd),
      cmocka_unit_test(endsStreamsOfAClientThatGoes),
      cmocka_unit_test(takesOverStaleSockets),
  };
  return cmocka_run_group_tests_name("rpc", tests, nullptr, nullptr);
}
