// SPDX-License-Identifier: Apache-2.0
// Whose a new cgroup is: asked of an observer on a made-up host with made-up runtimes. Needs no
// root and no container.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "containers/topology.h"
#include "fake-cri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;
using Clock = std::chrono::steady_clock;

// An observer that is asked, with what it answered so far.
class Asker {
 public:
  Asker(const Host& host, const std::string& cri) : watch_(host, cri, 1h) {
    watch_.until(
        [&](const Snapshot& s) { return s.serial > 0 && s.part("cri").detail != "connecting"; });
  }

  bool ask(NewCgroup cgroup) { return (*watch_).resolve(std::move(cgroup)); }

  // The answers once there are so many, or after 10 s; `last` is the snapshot that came with them.
  const std::vector<Resolution>& answers(size_t count) {
    const auto end = Clock::now() + 10s;
    while (answers_.size() < count && Clock::now() < end) {
      last = (*watch_).take();
      answers_.insert(answers_.end(), last.resolved.begin(), last.resolved.end());
      std::this_thread::sleep_for(100us);
    }
    return answers_;
  }
  Observer& operator*() { return *watch_; }
  Watch& watch() { return watch_; }

  Snapshot last;

 private:
  Watch watch_;
  std::vector<Resolution> answers_;
};

// "none", or "source id@path pid namespace/pod/name image app, listed, too late".
std::string inWords(const Resolution& resolution, const Snapshot& snapshot) {
  if (!resolution.container) return "none";
  const Container& c = *resolution.container;
  std::string text = c.source + " " + c.id + "@" + c.cgroupPath + " " + std::to_string(c.pid);
  if (c.source == "cri")
    text += " " + c.nameSpace + "/" + c.pod + "/" + c.name + " " + c.image + " " +
            c.labels.at("app") + " " + c.labels.at("both");
  const bool isListed = std::find(snapshot.containers.begin(), snapshot.containers.end(), c) !=
                        snapshot.containers.end();
  return text + (isListed ? ", listed" : "") + (resolution.isNameless ? ", too late" : "");
}

struct Case {
  const char* what;
  std::vector<Process> processes;
  const char* path;
  bool isThere;  // still, when it is asked about
  std::function<void(FakeCri&)> runtime;
  const char* expected;
};

const Case kCases[] = {
    {"a pod's container that has gone",
     {},
     "/kubepods/pod1/" HEX64,
     false,
     [](FakeCri& fake) { fake.know(HEX64); },
     "cri " HEX64 "@/kubepods/pod1/" HEX64 " 0 shop/web/name-0123 busybox:1 nginx container"},
    {"a pod's container that is being made",
     {},
     "/k8s.io/" HEX64,
     true,
     [](FakeCri& fake) { fake.know(HEX64); },
     "cri " HEX64 "@/k8s.io/" HEX64 " 0 shop/web/name-0123 busybox:1 nginx container, listed"},
    {"one that runs, as the last of runc's steps; the steps before it are not it",
     {{39, kHost, "/k8s.io/" HEX64, 4, "runc:[0:PARENT]"},
      {40, 2000, "/k8s.io/" HEX64, 5, "runc:[2:INIT]"}},
     "/k8s.io/" HEX64,
     true,
     [](FakeCri& fake) { fake.know(HEX64); },
     "cri " HEX64 "@/k8s.io/" HEX64 " 40 shop/web/name-0123 busybox:1 nginx container, listed"},
    {"a pod's own",
     {{40, 2000, "/k8s.io/" HEX64B, 5, "pause"}},
     "/k8s.io/" HEX64B,
     true,
     [](FakeCri& fake) { fake.knowSandbox(HEX64B); },
     "none"},
    {"what no runtime knows",
     {{40, 2000, "/k8s.io/" HEX64, 5}},
     "/k8s.io/" HEX64,
     true,
     [](FakeCri&) {},
     "cgroup " HEX64 "@/k8s.io/" HEX64 " 40, listed, too late"},
    {"docker's, before its first process",
     {},
     "/system.slice/docker-" HEX64 ".scope",
     true,
     [](FakeCri&) {},
     "cgroup " HEX64 "@/system.slice/docker-" HEX64 ".scope 0, listed"},
    {"docker's that has gone",
     {},
     "/docker/" HEX64,
     false,
     [](FakeCri&) {},
     "cgroup " HEX64 "@/docker/" HEX64 " 0"},
    {"a service",
     {},
     "/system.slice/a.service",
     true,
     [](FakeCri&) {},
     "systemd system.slice/a.service@/system.slice/a.service 0"},
    {"a slice", {}, "/kubepods.slice/kubepods-pod1.slice", true, [](FakeCri&) {}, "none"},
    {"a session",
     {},
     "/user.slice/session-4.scope",
     true,
     [](FakeCri&) {},
     "systemd user.slice/session-4.scope@/user.slice/session-4.scope 0"},
    {"a pod's level", {}, "/kubepods/burstable/pod0a-1", true, [](FakeCri&) {}, "none"},
    {"a path that leaves the tree", {}, "/../../etc", true, [](FakeCri&) {}, "none"},
    {"any name, with a process in a namespace of its own",
     {{39, kHost, "/web", 4, "runc:[1:CHILD]"}, {40, 2000, "/web", 5, "runc:[2:INIT]", "40\t1"}},
     "/web",
     true,
     [](FakeCri&) {},
     "cgroup web@/web 40, listed"},
    {"any name, gone", {}, "/web", false, [](FakeCri&) {}, "none"},
    {"any name, with the host's processes",
     {{40, kHost, "/job", 5, "make"}},
     "/job",
     true,
     [](FakeCri&) {},
     "none"},
    {"any name, with the host's and others",
     {{39, kHost, "/job", 4, "sudo"}, {40, 2000, "/job", 5, "sleep", "40\t1"}},
     "/job",
     true,
     [](FakeCri&) {},
     "none"},
};

void resolves(void**) {
  for (const Case& each : kCases) {
    print_message("  %s\n", each.what);
    const char* got = keep([&] {
      Host host({});
      FakeCri fake(host);
      each.runtime(fake);
      Asker asker(host, kCri);
      // Only now, so that no scan has seen them: its interval is an hour.
      for (const Process& process : each.processes) host.add(process);
      const uint64_t id = each.isThere && std::string(each.path).find("..") == std::string::npos
                              ? host.makeCgroup(each.path)
                              : 77;
      asker.ask({id, each.path});
      const auto& answers = asker.answers(1);
      if (answers.size() != 1) return std::to_string(answers.size()) + " answers";
      const Container& c = answers[0].container.value_or(Container{});
      return inWords(answers[0], asker.last) + (answers[0].cgroupId == id ? "" : "!asked") +
             (!answers[0].container || c.cgroupId == id ? "" : "!id") +
             (c.pid == 0 || (c.mountNamespace == c.pid + 5000 && c.pidNamespace == 2000 &&
                             c.startTime == 5)
                  ? ""
                  : "!place");
    }());
    assert_string_equal(got, each.expected);
  }
}

// A container's own cgroups are its; what is within a plain one waits for it.
void resolvesWhatIsWithin(void**) {
  static std::string text;
  [] {
    Host host({});
    FakeCri fake(host);
    fake.know(HEX64);
    Asker asker(host, kCri);
    const std::string paths[] = {"/k8s.io/" HEX64, "/k8s.io/" HEX64 "/system.slice/a.service",
                                 "/web", "/web/system.slice"};
    for (const std::string& path : paths) asker.ask({host.makeCgroup(path), path});
    asker.answers(2);
    host.add({40, 2000, "/web/init.scope", 5, "systemd", "40\t1"});
    for (const Resolution& each : asker.answers(4))
      text += each.container ? each.container->cgroupPath + "; " : "none; ";
  }();
  assert_string_equal(text.c_str(), "/k8s.io/" HEX64 "; /k8s.io/" HEX64 "; /web; /web; ");
}

// What is resolved before its process is there gets it soon, without a scan.
void findsTheFirstProcess(void**) {
  static uint32_t before = 1, after = 0;
  [] {
    Host host({});
    FakeCri fake(host);
    fake.know(HEX64);
    Asker asker(host, kCri);
    asker.ask({host.makeCgroup("/k8s.io/" HEX64), "/k8s.io/" HEX64});
    before = asker.answers(1).at(0).container->pid;
    host.add({40, 2000, "/k8s.io/" HEX64, 5, "runc:[2:INIT]"});
    after = asker.watch()
                .until([](const Snapshot& s) { return s.containers.at(0).pid != 0; })
                .containers.at(0)
                .pid;
  }();
  assert_int_equal(before, 0);
  assert_int_equal(after, 40);
}

// A cgroup of the same name, made again before anybody has looked.
void takesNoPredecessor(void**) {
  static std::string text;
  [] {
    Host host({{40, 2000, "/web", 5, "app", "40\t1"}});
    Asker asker(host, "off");
    Topology topology;
    topology.update((*asker).latest().containers);
    host.remove(40);
    const std::string spare = "/spare";  // so that the inode is another
    host.removeCgroup("/web");
    host.makeCgroup(spare);
    host.add({40, 2000, "/web", 99, "app", "40\t1"});
    const uint64_t id = host.cgroupId("/web");
    asker.ask({id, "/web"});
    const Resolution got = asker.answers(1).at(0);
    text = inWords(got, asker.last) + " of " + std::to_string(asker.last.containers.size());
    if (got.container && got.container->startTime != 99) text += " !start";
  }();
  assert_string_equal(text.c_str(), "cgroup web@/web 40, listed of 1");
}

// A unit that is made again under its name, within the time of a scan.
void takesTheUnitThatIs(void**) {
  static std::vector<uint64_t> listed, wanted;
  [] {
    const std::string path = "/system.slice/web.service";
    Host host({});
    host.makeCgroup(path);
    Asker asker(host, "off");
    asker.ask({host.cgroupId(path), path});
    asker.answers(1);
    host.removeCgroup(path);
    host.makeCgroup("/spare");
    host.makeCgroup(path);
    wanted = {host.cgroupId(path)};
    asker.ask({wanted[0], path});
    asker.answers(2);
    for (const Container& unit : asker.last.units)
      if (unit.cgroupPath == path) listed.push_back(unit.cgroupId);
  }();
  assert_true(listed == wanted);
}

void answersOnceAndWithinBounds(void**) {
  static size_t taken = 0, refused = 0, more = 1;
  static bool again = false, told = false;
  [] {
    Host host({});
    Asker asker(host, "off");
    for (uint64_t id = 1; id <= 5000; ++id)
      refused += !asker.ask({id, "/system.slice/" + std::to_string(id) + ".service"});
    taken = asker.answers(5000 - refused).size();
    std::this_thread::sleep_for(20ms);
    more = (*asker).take().resolved.size();
    again = asker.ask({1, "/a.service"});
    (*asker).refresh();
    told = asker.watch()
               .until([](const Snapshot& s) {
                 return s.part("proc").detail.find("not looked into") != std::string::npos;
               })
               .part("proc")
               .detail.find("904 new cgroups") != std::string::npos;
  }();
  assert_int_equal(taken, 4096);
  assert_int_equal(refused, 904);
  assert_int_equal(more, 0);
  assert_true(again);
  assert_true(told);
}

// Two runtimes: each names its own, and one that hangs holds up neither list nor answer.
void asksAllRuntimes(void**) {
  static std::string text;
  static int64_t took = 0;
  [] {
    Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {41, 2001, "/k8s.io/" HEX64B, 6}});
    FakeCri one(host, "1.sock"), two(host, "2.sock");
    const DeafSocket deaf(host.root() + "/3.sock", "");
    one.run(HEX64, R"({"pid": 40})");
    two.run(HEX64B, R"({"pid": 41})");
    two.know("late");
    Asker asker(host, "unix:///3.sock,unix:///1.sock unix:///2.sock");
    const Snapshot s = asker.watch().until([](const Snapshot& s) {
      return s.containers.size() == 2 && s.part("cri unix:///3").detail != "connecting";
    });
    text = inWords(host, s.containers);
    for (const Snapshot::Part& part : s.parts)
      text += part.name + (part.ok ? " ok; " : " " + part.detail + "; ");
    const auto begin = Clock::now();
    asker.ask({77, "/k8s.io/late"});
    text += asker.answers(1).at(0).container->pod;
    took = (Clock::now() - begin) / 1ms;
  }();
  assert_string_equal(text.c_str(),
                      "cri " HEX64 "@/k8s.io/" HEX64 " 40; cri " HEX64B "@/k8s.io/" HEX64B
                      " 41; cri unix:///3.sock did not answer within 2s; retrying; "
                      "cri unix:///1.sock ok; cri unix:///2.sock ok; proc ok; web");
  assert_in_range(took, 0, 2500);  // ms, of the 3 s that a lookup has; mostly below 5
}

// The one runtime hangs after it has answered once: the cgroup alone names, in seconds.
void survivesARuntimeThatHangs(void**) {
  static std::string text;
  [] {
    Host host({});
    FakeCri fake(host);
    fake.know(HEX64);
    Asker asker(host, kCri);
    fake.hang(true);
    asker.ask({host.makeCgroup("/k8s.io/" HEX64), "/k8s.io/" HEX64});
    text = inWords(asker.answers(1).at(0), asker.last);
    text = text.substr(0, text.find(", too late"));  // or the runtime counted as away before
    fake.hang(false);
  }();
  assert_string_equal(text.c_str(), "cgroup " HEX64 "@/k8s.io/" HEX64 " 0, listed");
}

// How soon a name comes, with 5,000 containers known and without.
void namesSoon(void**) {
  static int64_t median = 0;
  [] {
    Host host({});
    FakeCri fake(host);
    for (int i = 0; i < 101; ++i) fake.know("c" + std::to_string(i));
    Asker asker(host, kCri);
    std::vector<int64_t> took;
    for (uint64_t i = 0; i < 101; ++i) {
      const auto begin = Clock::now();
      asker.ask({1000 + i, "/k8s.io/c" + std::to_string(i)});
      asker.answers(i + 1);
      took.push_back((Clock::now() - begin) / 1us);
    }
    std::sort(took.begin(), took.end());
    median = took[50];
    print_message("  a name: median %ld us, slowest %ld us\n", median, took.back());
  }();
  assert_in_range(median, 0, 500000);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(resolves),
      cmocka_unit_test(resolvesWhatIsWithin),
      cmocka_unit_test(findsTheFirstProcess),
      cmocka_unit_test(takesNoPredecessor),
      cmocka_unit_test(takesTheUnitThatIs),
      cmocka_unit_test(answersOnceAndWithinBounds),
      cmocka_unit_test(asksAllRuntimes),
      cmocka_unit_test(survivesARuntimeThatHangs),
      cmocka_unit_test(namesSoon),
  };
  return cmocka_run_group_tests_name("resolve", tests, nullptr, nullptr);
}
