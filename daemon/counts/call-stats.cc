// SPDX-License-Identifier: Apache-2.0
#include "counts/call-stats.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "event/names.h"

namespace swoll {
namespace {

constexpr uint64_t low(uint64_t value, unsigned bits) {
  return value & ((uint64_t(1) << bits) - 1);
}

// The inverse of swoll_cell_key().
struct CellKey {
  bool isNewcomer;
  uint64_t container;  // a handle, or a cgroup's id
  CallId call;
  int error;

  explicit CellKey(uint64_t key)
      : isNewcomer(key & SWOLL_NEWCOMER),
        container(
            low(key >> (SWOLL_CELL_RESULT_BITS + SWOLL_CELL_CALL_BITS), SWOLL_CELL_CONTAINER_BITS)),
        call(CallId(low(key >> SWOLL_CELL_RESULT_BITS, SWOLL_CELL_CALL_BITS))),
        error(int(low(key, SWOLL_CELL_RESULT_BITS))) {}
};

}  // namespace

void add(swoll_cell& to, const swoll_cell& from) {
  to.time += from.time;
  for (size_t i = 0; i < SWOLL_BUCKETS; i++) to.buckets[i] += from.buckets[i];
}

uint64_t calls(const swoll_cell& cell) {
  return std::accumulate(std::begin(cell.buckets), std::end(cell.buckets), uint64_t(0));
}

uint64_t bucketEnd(size_t bucket) {
  return bucket + 1 < SWOLL_BUCKETS ? uint64_t(1) << (SWOLL_BUCKET_SHIFT + bucket) : UINT64_MAX;
}

std::string resultName(int error) {
  if (error == 0) return "OK";
  return error == SWOLL_RESULT_KILLED ? "KILLED" : errnoName(error);
}

OwnedStats::OwnedStats(std::vector<CallStat> borrowed) : rows(std::move(borrowed)) {
  for (CallStat& row : rows)
    row.container = &containers.try_emplace(row.container->handle, *row.container).first->second;
}

ContainerHandle CallStats::ownerOf(uint64_t key) const {
  CellKey cell(key);
  if (!cell.isNewcomer) return cell.container;
  auto found = named.find(cell.container);
  return found == named.end() ? 0 : found->second;
}

std::vector<CallStat> CallStats::read() const {
  std::unordered_map<uint64_t, CallStat> sums;  // by the key that each would have under its name
  cells.each([&](uint64_t key, const swoll_cell& sum) {
    ContainerHandle owner = ownerOf(key);
    const KnownContainer* container = owner ? topology.find(owner) : nullptr;
    if (!container || container->hidden) return;
    CellKey cell(key);
    CallStat& stat = sums[swoll_cell_key(owner, cell.call) | uint64_t(cell.error)];
    stat.container = container;
    stat.call = cell.call;
    stat.error = cell.error;
    add(stat.sum, sum);
  });
  std::vector<CallStat> out;
  out.reserve(sums.size());
  for (auto& [key, stat] : sums)
    if (stat.count()) out.push_back(stat);
  std::sort(out.begin(), out.end(), [](const CallStat& a, const CallStat& b) {
    return std::tuple(a.container->handle, a.call, a.error) <
           std::tuple(b.container->handle, b.call, b.error);
  });
  return out;
}

void CallStats::tick(uint64_t now, const std::function<bool(uint64_t cgroup)>& waits) {
  auto isOver = [&](ContainerHandle owner) {
    if (topology.containers().contains(owner)) return false;
    return !topology.find(owner) || now - ended.try_emplace(owner, now).first->second >= keep;
  };
  decltype(strangers) seen;
  cells.release([&](uint64_t key) {
    ContainerHandle owner = ownerOf(key);
    if (owner) return isOver(owner);
    uint64_t cgroup = CellKey(key).container;
    if (waits(cgroup)) return false;
    auto before = strangers.find(cgroup);
    uint64_t since = before == strangers.end() ? now : before->second;
    seen.emplace(cgroup, since);
    return now - since >= keepStrangers;
  });
  strangers = std::move(seen);
  std::erase_if(named, [&](const auto& entry) { return !topology.find(entry.second); });
  std::erase_if(ended, [&](const auto& entry) { return !topology.find(entry.first); });
}

}  // namespace swoll
