// SPDX-License-Identifier: Apache-2.0
// What the observer owes others whatever happens to it: nobody waits for its system calls, and each
// cgroup that was asked about is answered, though memory or the file system fails. Needs no root.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "fake-cri.h"
#include "observer/cri/cri-lookup.h"
#include "observer/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

thread_local bool isVictim = false;  // allocations of this thread may fail
// How many more succeed before `failures` of them fail.
std::atomic<int> untilFailure{-1}, failures{0};

bool fails() {
  if (!isVictim || failures == 0) return false;
  if (untilFailure > 0) return --untilFailure, false;
  --failures;
  return true;
}

// Told of each stat(2) that this program makes, before it is made.
std::atomic<void (*)()> onStat{nullptr};

}  // namespace

// In place of the libraries' own. Not inline: the compiler would see that memory of new goes to
// free().
[[gnu::noinline]] void* operator new(size_t size) {
  void* memory = fails() ? nullptr : malloc(size);
  if (!memory) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { free(memory); }
extern "C" int stat(const char* path, struct stat* status) noexcept {
  if (auto tell = onStat.load()) tell();
  return fstatat(AT_FDCWD, path, status, 0);
}

namespace {

using namespace swoll;
using Clock = std::chrono::steady_clock;

const std::string kUnit = "/system.slice/web.service", kContainer = "/docker/" HEX64, kJob = "/web";

bool lists(const std::vector<Container>& list, const std::string& path) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Container& c) { return c.cgroupPath == path; });
}

// An observer whose thread is the victim.
class Asker {
 public:
  explicit Asker(const Host& host) : host_(host) {
    while (observer_.latest().serial == 0) std::this_thread::sleep_for(1ms);
  }

  // What it answers of the three, in words, or after 10 s what there is.
  std::string ask(int before, int fail) {
    untilFailure = before;
    failures = fail;
    for (const std::string& path : {kUnit, kContainer, kJob})
      observer_.resolve({path == kJob ? 77 : host_.cgroupId(path), path});  // 77 has gone
    Snapshot last;
    std::multiset<std::string> answers;  // what fails at first is answered later
    for (const auto end = Clock::now() + 10s; answers.size() < 3 && Clock::now() < end;) {
      last = observer_.take();
      for (const Resolution& each : last.resolved)
        answers.insert((each.container ? each.container->id : "none") +
                       (each.isNameless ? "! " : " "));
      std::this_thread::sleep_for(100us);
    }
    std::string text;
    for (const std::string& answer : answers) text += answer;
    if (!lists(last.units, kUnit) || !lists(last.containers, kContainer)) text += "not listed";
    return text;
  }

 private:
  const Host& host_;
  Observer observer_{{"off", host_.root(), 1h}, [] { isVictim = true; }};
};

// The first allocation that fails is another one each time, until there are no more.
void answersWithoutMemory(void**) {
  const std::string all = HEX64 " none system.slice/web.service ";
  for (int fail : {1, 3}) {
    int before = 0;
    for (bool isReached = true; isReached; ++before) {
      const char* got = keep([&] {
        Host host({});
        Asker asker(host);
        host.makeCgroup(kUnit);
        host.makeCgroup(kContainer);
        std::string text = asker.ask(before, fail);
        isReached = failures < fail;
        failures = 0;
        return text;
      }());
      if (got != all) fail_msg("after %d allocations %d fail: %s", before, fail, got);
    }
    print_message("  %d allocations, each of which may fail\n", before - 1);
    assert_in_range(before, 20, 5000);
  }
}

// What the resolver answers of a container when a step fails so often.
std::string resolveWith(int failing) {
  Host host({});
  const uint64_t id = host.makeCgroup(kContainer);
  ProcFs proc(host.root());
  proc.cgroupMount();
  Resolver resolver(proc, {.askCri = [](const std::string&) {},
                           .isCriThere = [] { return false; },
                           .owner = [&](const NewCgroup&) -> const Container* {
                             if (failing-- > 0)
                               throw std::filesystem::filesystem_error(
                                   "made up", std::make_error_code(std::errc::io_error));
                             return nullptr;
                           }});
  std::vector<NewCgroup> asked{{id, kContainer}};
  resolver.add(asked);
  Resolver::Answers answers;
  for (const auto end = Clock::now() + 10s; answers.resolved.empty() && Clock::now() < end;) {
    std::this_thread::sleep_for(1ms);
    resolver.settle(answers);
  }
  if (answers.resolved.size() != 1 || resolver.next()) return "not answered";
  const Resolution& is = answers.resolved[0];
  return (is.container ? is.container->id : "none") + (is.isNameless ? ", nameless" : "");
}

void answersWhatFails(void**) {
  assert_string_equal(keep(resolveWith(2)), HEX64);
  assert_string_equal(keep(resolveWith(1000000)), "none, nameless");
}

// An answer that its receiver has no memory for: the lookup ends, and so does who owns it.
void endsLookups(void**) {
  static std::atomic<bool> hasEnded;
  static std::atomic<int> answered;
  static std::mutex mutex;
  static std::condition_variable changed;
  std::thread([] {
    Host host({});
    FakeCri fake(host);
    fake.know(HEX64);
    {
      CriLookup lookup(fake.socket(), [](const CriAnswer&) {
        ++answered;
        throw std::bad_alloc();
      });
      lookup.ask(HEX64);
      while (answered == 0) std::this_thread::sleep_for(1ms);
    }
    const std::lock_guard lock(mutex);
    hasEnded = true;
    changed.notify_one();
  }).detach();
  std::unique_lock lock(mutex);
  assert_true(changed.wait_for(lock, 20s, [] { return hasEnded.load(); }));
}

// While any thread of the observer makes a system call, its lists can be taken.
void locksNothingWhileItLooks(void**) {
  static std::atomic<Observer*> observer;
  static std::atomic<int> asked, taken, refused;
  static std::atomic<std::thread::id> taker;
  static bool isListed = false;
  [] {
    Host host({});
    host.makeCgroup(kUnit);
    Watch watch(host, "off", 20ms);
    watch.until([](const Snapshot& s) { return lists(s.units, kUnit); });
    observer = &*watch;
    std::atomic<bool> stop = false;
    std::thread thread([&] {
      taker = std::this_thread::get_id();
      for (; !stop; std::this_thread::sleep_for(100us))
        if (const int question = asked; question != taken) {
          (*observer).take();
          taken = question;
        }
    });
    onStat = [] {
      if (std::this_thread::get_id() == taker.load()) return;
      const int question = ++asked;
      for (const auto end = Clock::now() + 5s; taken < question && Clock::now() < end;)
        std::this_thread::sleep_for(100us);
      if (taken >= question) return;
      ++refused;
      onStat = nullptr;
    };
    const std::string later = "/system.slice/later.service";
    host.makeCgroup(later);
    isListed =
        lists(watch.until([&](const Snapshot& s) { return lists(s.units, later); }).units, later);
    onStat = nullptr;
    stop = true;
    thread.join();
  }();
  assert_true(isListed);
  assert_true(taken > 0);
  assert_int_equal(refused, 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(answersWithoutMemory),
      cmocka_unit_test(answersWhatFails),
      cmocka_unit_test(endsLookups),
      cmocka_unit_test(locksNothingWhileItLooks),
  };
  return cmocka_run_group_tests_name("observer-failure", tests, nullptr, nullptr);
}
