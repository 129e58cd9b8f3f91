// SPDX-License-Identifier: Apache-2.0
// The observer with made-up runtimes: one that answers by gRPC, honestly or not, and ones that are
// absent, mute or garble. Needs no root and no container.
#include "observer/cri/cri-client.h"

#include <memory>
#include <optional>
#include <string>

#include "fake-cri.h"
#include "observer/cri/cri-answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;
void takesNamesFromTheCri(void**) {
  static std::string text;
  static int statuses = 0;
  [] {
    const Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {41, 2001, "/k8s.io/pod-sandbox", 5}});
    FakeCri fake(host);
    fake.run(HEX64, R"({"pid": 40, "sandboxID": "x"})");
    Watch watch(host, kCri);
    watch.until([](const Snapshot& s) { return s.part("cri").ok && s.containers.size() == 1; });
    while (fake.listings < 4) std::this_thread::sleep_for(1ms);
    const Snapshot s = (*watch).latest();
    text = inWords(host, s.containers) + s.part("cri").detail.substr(0, 8) + "; ";
    for (const Container& c : s.containers)
      text += c.nameSpace + "/" + c.pod + "/" + c.name + " " + c.image + " " + c.labels.at("app") +
              " " + c.labels.at("both");
    statuses = fake.statuses;
  }();
  assert_string_equal(text.c_str(), "cri " HEX64 "@/k8s.io/" HEX64
                                    " 40; fake 1?2; shop/web/name-0123 busybox:1 nginx container");
  assert_int_equal(statuses, 1);  // asked once, however often it is listed
}

void believesNoLiar(void**) {
  static std::string text;
  [] {
    const Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {50, kHost, "/system.slice/a.service"}});
    FakeCri fake(host);
    fake.run(HEX64, R"({"pid": 40})");
    fake.run(HEX64, R"({"pid": 40})");
    for (const char* id : {"", "two words"}) fake.run(id, R"({"pid": 40})");
    fake.run("zero", R"({"pid": 0})");
    fake.run("minus", R"({"pid": -1})");
    fake.run("absent", R"({"pid": 77})");
    fake.run("host", R"({"pid": 1})");
    fake.run("service", R"({"pid": 50})");
    fake.run("another", R"({"pid": 40})");
    fake.run("huge", R"({"pid": 4294967295})");
    fake.run("float", R"({"pid": 40.0, "sandboxID": 7})");
    fake.run("garbage", "{\"pid\": 4");
    fake.run("empty", "");
    fake.run("deep", std::string(1 << 20, '['));
    ProcFs proc(host.root());
    proc.cgroupMount();
    CallGate gate;
    CriClient client(fake.socket(), proc, gate, [] {});
    const CriListing listing = client.list();
    // Without a credible pid a container has a name at most, and shows where /proc finds it.
    std::string placed, nameless;
    for (const Container& c : listing.containers) (c.pid ? placed : nameless) += c.id + " ";
    text = listing.error + placed + "| " + nameless + "| " + std::to_string(listing.skipped) +
           " left out, the first: " + listing.skipReason;
  }();
  assert_string_equal(
      text.c_str(), HEX64
      " | zero minus float garbage empty deep | 8 left out, the first: an id that is "
      "empty, odd or given twice");
}

// What is too long is left out, what is no text is escaped, and the rest goes on.
void boundsWhatItIsTold(void**) {
  static std::string text;
  [] {
    const Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {41, 2001, "/k8s.io/" HEX64B, 5}});
    FakeCri fake(host);
    fake.run(HEX64, R"({"pid": 40})",
             {{"long", std::string(1 << 20, 'x')}, {"odd", "a\xff"}, {"../..", "/../../etc"}});
    fake.run(HEX64B, R"({"pid": 41, "sandboxID": {}, "cgroupsPath": "/../../etc"})");
    Watch watch(host, kCri);
    const Snapshot s = watch.until([](const Snapshot& s) { return s.containers.size() == 2; });
    text = inWords(host, s.containers) + s.part("cri").detail + "; ";
    for (const auto& [key, value] : s.containers.at(0).labels) text += key + "=" + value + " ";
  }();
  assert_string_equal(
      text.c_str(), "cri " HEX64 "@/k8s.io/" HEX64 " 40; cri " HEX64B "@/k8s.io/" HEX64B
                    " 41; fake 1?2, polling every 0.03s while containers change; ../..=/../../etc "
                    "app=nginx both=container odd=a\\xff ");
}

double cpuSeconds() {
  timespec at{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return double(at.tv_sec) + double(at.tv_nsec) / 1e9;
}

// 5,000 containers: each is asked about once, a few at a time, and a listing of known ones is two
// calls. A single question gets its answer meanwhile.
void standsAFullNode(void**) {
  static size_t listed = 0, rounds = 0;
  static int asked = 0, askedLater = 0;
  [] {
    Host host({{40, 2000, "/x", 5}});
    FakeCri fake(host);
    for (int i = 0; i < 5000; ++i) fake.run("c" + std::to_string(i), "{}", {{"app", "nginx"}});
    ProcFs proc(host.root());
    proc.cgroupMount();
    CallGate gate;
    CriClient client(fake.socket(), proc, gate, [] {});
    CriListing listing;
    do {
      listing = client.list();
      ++rounds;
    } while (!listing.isComplete && rounds < 10000);
    listed = listing.containers.size();
    asked = fake.statuses;
    const double cpu = cpuSeconds();
    for (int i = 0; i < 10; ++i) client.list();
    print_message(
        "  5,000 containers: %zu listings to know all; then %.1f ms of CPU a listing, "
        "the made-up runtime's included\n",
        rounds, (cpuSeconds() - cpu) * 100);
    askedLater = fake.statuses;
  }();
  assert_int_equal(listed, 5000);
  assert_int_equal(asked, 5000);
  assert_int_equal(askedLater, 5000);
}

void hearsOfEvents(void**) {
  static size_t found = 0;
  [] {
    Host host({});
    FakeCri fake(host);
    fake.hasEvents = true;
    fake.event();  // tells at once that there is a stream
    Watch watch(host, kCri, 1h);
    watch.until([](const Snapshot& s) { return s.part("cri").detail.ends_with("with events"); });
    host.add({40, 2000, "/k8s.io/" HEX64, 5});
    fake.run(HEX64, R"({"pid": 40})");
    fake.event();
    found = watch.until([](const Snapshot& s) { return !s.containers.empty(); }).containers.size();
  }();
  assert_int_equal(found, 1);
}

void keepsNamesWhileTheCriIsAway(void**) {
  static std::string text;
  [] {
    Host host({{40, 2000, "/k8s.io/" HEX64, 5}});
    auto fake = std::make_unique<FakeCri>(host);
    fake->run(HEX64, R"({"pid": 40})");
    Watch watch(host, kCri);
    watch.until([](const Snapshot& s) { return s.part("cri").ok && !s.containers.empty(); });
    fake.reset();
    text =
        inWords(host, watch.until([](const Snapshot& s) { return !s.part("cri").ok; }).containers);
    host.remove(40);
    text += "then " +
            inWords(host,
                    watch.until([](const Snapshot& s) { return s.containers.empty(); }).containers);
  }();
  assert_string_equal(text.c_str(), "cri " HEX64 "@/k8s.io/" HEX64 " 40; then ");
}

// What it says of a runtime that does not work, and that containers are found all the same.
std::string without(const std::string& greeting, bool isThere) {
  const Host host({{40, 2000, "/web", 5, "app", "40\t1"}});
  std::optional<DeafSocket> deaf;
  if (isThere) deaf.emplace(host.root() + "/cri.sock", greeting);
  Watch watch(host, kCri);
  const Snapshot s = watch.until([](const Snapshot& s) {
    return !s.containers.empty() && s.part("cri").detail.ends_with("; retrying");
  });
  const Snapshot::Part part = s.part("cri");
  return inWords(host, s.containers) + part.name + (part.ok ? " ok: " : " bad: ") + part.detail;
}

void livesWithoutTheCri(void**) {
  assert_string_equal(keep(without("", false)),
                      "cgroup web@/web 40; cri unix:///cri.sock bad: no such file; retrying");
  assert_string_equal(
      keep(without("", true)),
      "cgroup web@/web 40; cri unix:///cri.sock bad: did not answer within 2s; retrying");
  assert_string_equal(
      keep(without("HTTP/1.1 400 Bad Request\r\n\r\nwhat?", true)),
      "cgroup web@/web 40; cri unix:///cri.sock bad: broke off, or speaks no gRPC; retrying");
}

void stopsWhileACallHangs(void**) {
  static int64_t took = 0;
  [] {
    const Host host({});
    const DeafSocket deaf(host.root() + "/cri.sock", "");
    Watch watch(host, kCri);
    std::this_thread::sleep_for(300ms);  // well into the call's 2 s
    took = watch.stop().count();
  }();
  assert_in_range(took, 0, 1500);  // ms, of the 1.7 s that the call has left; mostly below 10
}

void looksWhenAsked(void**) {
  static size_t found = 0;
  static uint64_t quiet = 0;
  [] {
    Host host({});
    Watch watch(host, "auto", 1h);
    const uint64_t first = watch.until([](const Snapshot& s) { return s.serial > 0; }).serial;
    for (int i = 0; i < 5; ++i) {
      (*watch).refresh();
      std::this_thread::sleep_for(30ms);
    }
    quiet = (*watch).latest().serial - first;
    host.add({40, 2000, "/web", 5, "app", "40\t1"});
    (*watch).refresh();
    found = watch.until([](const Snapshot& s) { return !s.containers.empty(); }).containers.size();
  }();
  assert_int_equal(quiet, 0);  // nothing changed, nobody is told
  assert_int_equal(found, 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(takesNamesFromTheCri),
      cmocka_unit_test(believesNoLiar),
      cmocka_unit_test(boundsWhatItIsTold),
      cmocka_unit_test(standsAFullNode),
      cmocka_unit_test(hearsOfEvents),
      cmocka_unit_test(livesWithoutTheCri),
      cmocka_unit_test(keepsNamesWhileTheCriIsAway),
      cmocka_unit_test(stopsWhileACallHangs),
      cmocka_unit_test(looksWhenAsked),
  };
  return cmocka_run_group_tests_name("cri", tests, nullptr, nullptr);
}
