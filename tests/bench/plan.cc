// SPDX-License-Identifier: Apache-2.0
// What one change costs the daemon on a node with many containers and traces: the thread's time
// until its rules are planned and given to the kernel, and how many writes that takes. The kernel
// is one that only counts. Prints a line a change: the middle of all times, the worst, the writes
// of one, and the middle as a share of planning all anew, by planRules(), in the same run.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "hub/hub.h"

namespace {

using namespace swoll;

constexpr size_t manyContainers = 2000, manyTraces = 500, apps = 100, rounds = 200;
constexpr double limit = 1000;  // us, of one container's change

struct CountingKernel final : KernelRules, KernelScopes, KernelCounters, KernelHooks {
  operator Kernel() { return {*this, *this, *this, *this}; }
  size_t writes = 0;
  void setRoute(RouteId, const swoll_filter&) override { writes++; }
  void setRow(RowId, std::span<const uint32_t, SWOLL_MAX_TYPES>) override { writes++; }
  void setWanted(EventType, bool) override { writes++; }
  bool setScope(Scope, const swoll_scope&) override { return ++writes; }
  void removeScope(Scope) override { writes++; }
  swoll_route_counts counts(RouteId) override { return {}; }
  void resetCounts(RouteId) override {}
  void attach(bool) override {}
  std::string hookProblem(EventKind) const override { return {}; }
  std::optional<std::string> watchNewcomers(bool) override { return {}; }
  void newcomerTaken() override {}
  uint64_t newcomersLost() override { return 0; }
  void setCounting(bool) override {}
  CallCells& cells() override { return none; }
  void drain() override {}

  struct NoCells final : CallCells {
    void each(const std::function<void(uint64_t, const swoll_cell&)>&) const override {}
    void release(const std::function<bool(uint64_t)>&) override {}
    size_t size() const override { return 0; }
    size_t used() const override { return 0; }
    swoll_cell withoutCell() const override { return {}; }
    uint64_t uncounted() const override { return 0; }
  } none;
};

struct RealClock final : Clock {
  static uint64_t now() {
    return uint64_t(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  uint64_t sinceBoot() const override { return now(); }
  uint64_t monotonic() const override { return now(); }
  int64_t realTime() const override { return int64_t(now()); }
};

// Of this thread, so that what else the machine does counts less.
double cpuTime() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return double(at.tv_sec) * 1e6 + double(at.tv_nsec) / 1e3;  // us
}

double middleOf(std::vector<double>& times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// As a kubelet's containers are: a dozen labels, long ids and paths.
Container container(size_t number, size_t app) {
  char id[65];
  snprintf(id, sizeof(id), "%064zx", number * 0x9e3779b97f4a7c15);
  Container c;
  c.id = id;
  c.pod = "pod-" + std::to_string(number) + "-7d4b9c6f58-x2x4z";
  c.name = "main";
  c.nameSpace = "team-" + std::to_string(app % 10);
  c.image = "registry.example.org/team/application:1.2." + std::to_string(app);
  for (int i = 0; i < 10; i++)
    c.labels["example.org/label-" + std::to_string(i)] = "value-" + std::to_string(app * 10 + i);
  c.labels["app"] = "app-" + std::to_string(app);
  c.phase = "Running";
  c.source = "cri";
  c.cgroupId = number + 1000;
  c.cgroupPath = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" +
                 std::to_string(number) + ".slice/cri-containerd-" + c.id + ".scope";
  return c;
}

TraceSpec spec(size_t number) {
  static const char* const calls[] = {"openat", "execve", "connect", "unlinkat", "@Network"};
  TraceSpec spec;
  spec.name = "trace-of-" + std::to_string(number);
  spec.syscalls = {calls[number % 5]};
  spec.labelSelector = "app=app-" + std::to_string(number % apps);
  return spec;
}

struct Bench {
  CountingKernel kernel;
  RealClock clock;
  Hub hub{kernel, clock};
  std::vector<Container> containers;
  double anew = 1;  // us for the whole plan
  bool isSlow = false;

  void planAnew() {
    Traces traces;
    for (const auto& [id, trace] : hub.traces().all()) traces[id] = &trace->compiled;
    std::vector<double> times;
    for (size_t i = 0; i < 5; i++) {
      double start = cpuTime();
      if (planRules(traces, hub.topology()).empty()) exit(1);
      times.push_back(cpuTime() - start);
    }
    anew = middleOf(times);
  }

  void measure(const char* what, double most, const std::function<void(size_t)>& before,
               const std::function<void(size_t)>& change) {
    std::vector<double> times;
    size_t writes = 0;
    for (size_t i = 0; i < rounds; i++) {
      before(i);
      size_t first = kernel.writes;
      double start = cpuTime();
      change(i);
      times.push_back(cpuTime() - start);
      writes = std::max(writes, kernel.writes - first);
      hub.tick();
    }
    double middle = middleOf(times);
    if (most > 0 && middle > most) isSlow = true;
    printf("%-66s %8.0f %8.0f %8zu  1/%-6.0f %s\n", what, middle, times.back(), writes,
           anew / middle,
           most == 0        ? "-"
           : middle <= most ? "meets <= 1000"
                            : "misses <= 1000");
  }
};

size_t inUse() {
  auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

int main() {
  Bench bench;
  Hub& hub = bench.hub;
  auto nothing = [](size_t) {};
  for (size_t i = 0; i < manyTraces; i++)
    if (auto added = hub.traces().add(spec(i), 0); !added) {
      fprintf(stderr, "%s\n", added.error().c_str());
      return 1;
    }
  for (size_t i = 0; i < manyContainers; i++) bench.containers.push_back(container(i, i % apps));
  size_t before = inUse();
  double start = cpuTime();
  hub.setContainers(bench.containers);
  double all = cpuTime() - start;
  size_t each = (inUse() - before) / manyContainers;

  bench.planAnew();
  printf("%-66s %8s %8s %8s  %-8s %s\n", "us for a change, 2000 containers and 500 traces there",
         "middle", "worst", "writes", "of anew", "expected");
  bench.measure("the same list of containers again", limit, nothing,
                [&](size_t) { hub.setContainers(bench.containers); });
  bench.measure(
      "a container starts", limit,
      [&](size_t i) { bench.containers.push_back(container(manyContainers + i, i % apps)); },
      [&](size_t) { hub.setContainers(bench.containers); });
  bench.measure(
      "a container ends", limit, [&](size_t) { bench.containers.pop_back(); },
      [&](size_t) { hub.setContainers(bench.containers); });
  bench.measure(
      "a container's labels change", limit,
      [&](size_t i) {
        bench.containers[i].labels["app"] = "app-" + std::to_string((i + 1) % apps);
      },
      [&](size_t) { hub.setContainers(bench.containers); });
  bench.measure("a trace is added", 0, nothing,
                [&](size_t i) { (void)hub.traces().add(spec(manyTraces + i), 0); });
  bench.measure("a trace is removed", 0, nothing,
                [&](size_t i) { (void)hub.traces().remove(spec(manyTraces + i).name); });
  printf(
      "\n%zu bytes for a container; all %zu at once in %.0f ms, planned anew in %.0f ms; %zu "
      "rules\n",
      each, manyContainers, all / 1000, bench.anew / 1000, hub.rules().ruleCount());
  return bench.isSlow;
}
