// SPDX-License-Identifier: Apache-2.0
// What the kernel has counted, under the names of containers: from a container's first call, while
// nobody knows whose it is, to some time after its end.
#include "counts/call-stats.h"

#include <cerrno>
#include <memory>
#include <string>

#include "fake-clock.h"
#include "fake-kernel.h"
#include "hub/hub.h"
#include "show-newcomer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

Container container(const char* id, uint64_t cgroupId) {
  Container c;
  c.id = id, c.cgroupId = cgroupId;
  return c;
}

CallId call(const char* name) { return callsByName(name).front(); }

swoll_cell cell(uint64_t calls, uint64_t time, size_t bucket = 0) {
  swoll_cell out{};
  out.time = time;
  out.buckets[bucket] = calls;
  return out;
}

struct World {
  FakeKernel kernel;
  FakeClock clock;
  Hub hub{kernel, clock};

  World() { hub.setCounting(true); }

  void count(uint64_t owner, const char* name, int error, const swoll_cell& what) {
    kernel.callCells.cells.emplace(swoll_cell_key(owner, call(name)) | uint64_t(error), what);
  }
  ContainerHandle handle(const char* id) {
    for (const auto& [handle, known] : hub.topology().containers())
      if (known.info.id == id) return handle;
    return 0;
  }
  void pass(uint64_t ns) {
    clock.boot += ns;
    hub.tick();
  }
  void show(uint64_t id) { showNewcomer(kernel, hub, id); }

  std::string read() const { return inWords(hub.stats().read()); }
  static std::string inWords(const std::vector<CallStat>& stats) {
    std::string out;
    for (const CallStat& stat : stats)
      out += stat.container->info.id + " " + std::string(syscall(stat.call).name) + " " +
             resultName(stat.error) + " " + std::to_string(stat.count()) + " in " +
             std::to_string(stat.sum.time) + "; ";
    return out;
  }
};

void addsUpAndSorts(void**) {
  World w;
  w.hub.setContainers({container("a", 11), container("b", 12)});
  ContainerHandle a = w.handle("a"), b = w.handle("b");
  w.count(b, "read", 0, cell(3, 30));
  w.count(a, "read", EAGAIN, cell(1, 5));
  w.count(a, "read", 0, cell(2, 20));
  w.count(a, "read", 0, cell(4, 900, 1));  // another CPU took a cell of its own for the same
  w.count(a, "close", SWOLL_RESULT_KILLED, cell(1, 7));
  w.count(99, "read", 0, cell(5, 50));  // of nobody that is known
  assert_string_equal(keep(w.read()),
                      "a read OK 6 in 920; a read EAGAIN 1 in 5; a close KILLED 1 in 7; "
                      "b read OK 3 in 30; ");
}

// What was taken for another thread knows nothing of what the hub does meanwhile.
void isTaken(void**) {
  auto w = std::make_unique<World>();
  w->hub.setContainers({container("a", 11)});
  w->count(w->handle("a"), "read", 0, cell(2, 20));
  w->count(w->handle("a"), "close", 0, cell(1, 7));
  std::vector<CallStat> borrowed = w->hub.stats().read();
  OwnedStats taken(borrowed);
  OwnedStats moved = std::move(taken);
  assert_ptr_not_equal(moved.rows[0].container, borrowed[0].container);
  assert_ptr_equal(moved.rows[0].container, moved.rows[1].container);
  w.reset();
  assert_string_equal(keep(World::inWords(moved.rows)), "a read OK 2 in 20; a close OK 1 in 7; ");
}

void namesNewcomers(void**) {
  World w;
  w.show(21);
  w.count(SWOLL_NEWCOMER | 21, "execve", 0, cell(1, 1000, 3));
  assert_string_equal(keep(w.read()), "");
  w.pass(1'100'000'000);
  assert_int_equal(w.kernel.callCells.cells.size(), 1);  // somebody may still name it
  w.hub.setContainers({container("new", 21)}, {{21, container("new", 21)}});
  w.count(w.handle("new"), "execve", 0, cell(2, 10));
  assert_string_equal(keep(w.read()), "new execve OK 3 in 1010; ");

  w.show(22);
  w.count(SWOLL_NEWCOMER | 22, "execve", 0, cell(1, 1));
  w.hub.setContainers({container("new", 21)}, {{22, {}}});  // the host's
  w.pass(1'100'000'000);
  w.pass(CallStats::keepStrangers - 1);
  assert_int_equal(w.kernel.callCells.cells.size(), 3);
  w.pass(1'100'000'000);
  assert_int_equal(w.kernel.callCells.cells.size(), 2);
  assert_string_equal(keep(w.read()), "new execve OK 3 in 1010; ");
}

// The counts are there before the word of the cgroup is read.
void waitsForTheWordOfNewcomers(void**) {
  World w;
  w.count(SWOLL_NEWCOMER | 21, "execve", 0, cell(1, 1000));
  w.pass(1'100'000'000);
  w.pass(1'100'000'000);
  w.show(21);
  w.pass(1'100'000'000);
  w.hub.setContainers({container("new", 21)}, {{21, container("new", 21)}});
  assert_string_equal(keep(w.read()), "new execve OK 1 in 1000; ");
}

void keepsWhatHasEnded(void**) {
  World w;
  w.hub.setContainers({container("a", 11)});
  w.count(w.handle("a"), "read", 0, cell(1, 1));
  w.hub.setContainers({});
  w.pass(1'000'000'000);
  w.pass(CallStats::keep - 1'000'000'000);
  assert_string_equal(keep(w.read()), "a read OK 1 in 1; ");
  w.pass(1'100'000'000);
  assert_string_equal(keep(w.read()), "");
  assert_int_equal(w.kernel.callCells.cells.size(), 0);
}

void leavesOutWhatIsHidden(void**) {
  World w;
  NodeSelector selector;
  selector.labels = *Selector::parseLabels("app!=secret");
  w.hub.setNodeSelector(selector);
  Container secret = container("secret", 11);
  secret.labels = {{"app", "secret"}};
  w.hub.setContainers({secret, container("open", 12)});
  assert_int_equal(w.kernel.scopes.count(cgroup(11)), 0);
  assert_true(w.kernel.scopes.at(cgroup(12)).counted);
  w.count(w.handle("secret"), "read", 0, cell(1, 1));
  assert_string_equal(keep(w.read()), "");
  w.hub.setNodeSelector({});
  assert_true(w.kernel.scopes.at(cgroup(11)).counted);
}

// One key of the configuration: without it nothing is attached.
void isSwitched(void**) {
  World w;
  w.hub.setContainers({container("a", 11)});
  assert_true(w.kernel.attached && w.kernel.watching && w.kernel.counting);
  w.hub.setCounting(false);
  assert_false(w.kernel.attached || w.kernel.watching || w.kernel.counting);
  assert_int_equal(w.kernel.scopes.size(), 0);
  w.hub.setCounting(true);
  assert_true(w.kernel.attached && w.kernel.scopes.at(cgroup(11)).counted);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(addsUpAndSorts),
      cmocka_unit_test(isTaken),
      cmocka_unit_test(namesNewcomers),
      cmocka_unit_test(keepsWhatHasEnded),
      cmocka_unit_test(leavesOutWhatIsHidden),
      cmocka_unit_test(isSwitched),
      cmocka_unit_test(waitsForTheWordOfNewcomers),
  };
  return cmocka_run_group_tests_name("call-stats", tests, nullptr, nullptr);
}
