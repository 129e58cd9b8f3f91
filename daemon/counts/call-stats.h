// SPDX-License-Identifier: Apache-2.0
// How often each container made each call, with which result, and how long that took, since the
// daemon began to count or the container began: the kernel's cells under the names that the
// topology knows. What a container did stays for a while after its end.
//
// A part of the hub. Nothing is copied out of the kernel until somebody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "containers/topology.h"
#include "counts/call-cells.h"
#include "syscall/syscall-table.h"

namespace swoll {

uint64_t calls(const swoll_cell& cell);
void add(swoll_cell& to, const swoll_cell& from);

// A value; the container is borrowed of the topology until that changes.
struct CallStat {
  const KnownContainer* container = nullptr;
  CallId call = unknownCall;
  int error = 0;     // 0: success; an errno; SWOLL_RESULT_KILLED
  swoll_cell sum{};  // ns, and calls by their time (bucketEnd())

  uint64_t count() const { return calls(sum); }
};

// The same with containers of its own, for another thread. To be moved, not to be copied.
struct OwnedStats {
  explicit OwnedStats(std::vector<CallStat> borrowed);
  OwnedStats(OwnedStats&&) = default;

  std::vector<CallStat> rows;

 private:
  std::unordered_map<ContainerHandle, KnownContainer> containers;
};

// The time below which a bucket's calls stayed, in ns; UINT64_MAX for the last.
uint64_t bucketEnd(size_t bucket);
// "OK", an errno's name, or "KILLED".
std::string resultName(int error);

class CallStats {
 public:
  // As long as the counts of a container that has ended are kept.
  static constexpr uint64_t keep = 300'000'000'000;  // ns

  // Likewise of a cgroup that nobody knows: it may be in a record that is still to be read.
  static constexpr uint64_t keepStrangers = 10'000'000'000;

  CallStats(CallCells& cells, const Topology& topology) : cells(cells), topology(topology) {}

  // All of them, sorted by container, call and error.
  std::vector<CallStat> read() const;

  // Whose the calls of a cgroup are that had no name; 0: no container's.
  void settle(uint64_t cgroup, ContainerHandle container) {
    if (container) named[cgroup] = container;
  }
  // Frees what nobody will ask for any more. `waits`: whether a cgroup has no name yet.
  void tick(uint64_t now, const std::function<bool(uint64_t cgroup)>& waits);

  const CallCells& source() const { return cells; }

 private:
  ContainerHandle ownerOf(uint64_t key) const;

  CallCells& cells;
  const Topology& topology;
  std::unordered_map<uint64_t, ContainerHandle> named;  // by cgroup
  std::unordered_map<ContainerHandle, uint64_t> ended;  // when that was first seen
  std::unordered_map<uint64_t, uint64_t> strangers;     // cgroups that nobody knows, likewise
};

}  // namespace swoll
