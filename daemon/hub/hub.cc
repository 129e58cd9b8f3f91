// SPDX-License-Identifier: Apache-2.0
#include "hub/hub.h"

#include <algorithm>

namespace swoll {
namespace {

// Between two ticks, when there is something to do soon and when there is nothing but to tidy up.
constexpr uint64_t shortTick = nsPerSecond / 10, idleTick = 10 * nsPerSecond;

}  // namespace

Hub::Hub(const Kernel& kernel, const Clock& clock)
    : kernel(kernel),
      clock(clock),
      callStats(kernel.counters.cells(), nodes),
      planner(nodes, [this](TraceId id, auto at) { table.noteMatched(id, nodes.find(at)); }),
      installer(kernel, clock, planner, table),
      router(table, installer, planner, nodes, sinkList, clock, counts),
      arrivals(kernel, clock, nodes, callStats, planner, installer, router, counts),
      registry(kernel.counters, clock, nodes, planner, table, installer, arrivals, sinkList),
      way(kernel.counters, router, arrivals, counts) {
  reinstall();
}

void Hub::reinstall() {
  arrivals.giveUpAll();
  installer.reinstall();
}

void Hub::setContainers(const std::vector<Container>& now,
                        const std::vector<Resolution>& resolutions) {
  // Records that are in the ring are routed with what was known when they were made.
  kernel.counters.drain();
  for (const Resolution& resolution : resolutions) arrivals.resolved(resolution);
  changed(nodes.update(now));
}

void Hub::setNodeSelector(NodeSelector selector) {
  bool renamed = selector.node != nodes.node();
  TopologyChanges changes = nodes.select(std::move(selector));
  if (renamed) registry.renamed();
  changed(changes);
}

void Hub::changed(const TopologyChanges& changes) {
  if (changes.empty()) return;
  planner.update(changes);
  installer.apply();
  arrivals.nameThese(changes);
}

void Hub::setCounting(bool on) {
  planner.setCounting(on);
  arrivals.giveUpUnawaited();
  installer.apply();
}

// Whatever is due by itself has a line in here or in a part's.
uint64_t Hub::due() const {
  uint64_t due = ticked + idleTick;
  auto by = [&](uint64_t time) { due = std::min(due, std::max(time, ticked + shortTick)); };
  installer.tellDue(ticked, by);
  registry.tellDue(ticked, by);
  if (arrivals.waiting() > 0) by(ticked);
  return due;
}

void Hub::tick() {
  router.readClocks();
  ticked = clock.sinceBoot();
  registry.tick(ticked);
  arrivals.giveUpOverdue();
  if (ticked - cellsSeen >= nsPerSecond) {
    cellsSeen = ticked;
    callStats.tick(ticked, [this](uint64_t cgroup) { return arrivals.isWaiting(cgroup); });
  }
  installer.recycle();
}

void Hub::end(const std::string& reason) {
  registry.end();
  sinkList.end(reason);
}

}  // namespace swoll
