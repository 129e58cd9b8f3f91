// SPDX-License-Identifier: Apache-2.0
#include "sources/syscalls/cell-map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "probe.skel.h"

namespace swoll {
namespace {

// More would cost memory without end on large machines; there, several CPUs share one.
constexpr size_t mostShards = 8;
constexpr uint64_t restingKey = ~uint64_t(0);

template <typename T>
T* mapShared(bpf_map* map, size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
  return at == MAP_FAILED ? nullptr : static_cast<T*>(at);
}

uint64_t load(const uint64_t& value) { return __atomic_load_n(&value, __ATOMIC_RELAXED); }

}  // namespace

void CellMap::lay(probe& skeleton, size_t most) {
  size_t cpus = size_t(std::max(libbpf_num_possible_cpus(), 1));
  lines = std::bit_ceil(std::max<size_t>(most / SWOLL_CELL_WAYS, 1));
  shards = std::min(std::bit_ceil(cpus), mostShards);
  const_cast<uint32_t&>(skeleton.rodata->cell_lines) = uint32_t(lines);
  const_cast<uint32_t&>(skeleton.rodata->cell_shards) = uint32_t(shards);
  const_cast<uint8_t&>(skeleton.rodata->cells_shared) = cpus > shards;
  bpf_map__set_max_entries(skeleton.maps.cell_keys, uint32_t(lines));
  bpf_map__set_max_entries(skeleton.maps.cells, uint32_t(shards * perShard()));
}

std::optional<std::string> CellMap::map(probe& skeleton) {
  unmap();
  keys = mapShared<uint64_t>(skeleton.maps.cell_keys, lines * sizeof(swoll_cell_line));
  if (keys)
    cells = mapShared<swoll_cell>(skeleton.maps.cells, shards * perShard() * sizeof(*cells));
  if (!cells) {
    std::string why = strerror(errno);
    unmap();
    return "mapping the counts of calls: " + why;
  }
  lost = reinterpret_cast<const uint64_t*>(&skeleton.bss->calls_uncounted);
  return {};
}

void CellMap::unmap() {
  if (keys) munmap(keys, lines * sizeof(swoll_cell_line));
  if (cells) munmap(cells, shards * perShard() * sizeof(*cells));
  keys = nullptr;
  cells = nullptr;
  resting.clear();
  lost = nullptr;
}

uint64_t CellMap::keyOf(size_t cell) const {
  uint64_t key = load(keys[cell]);
  return key == restingKey ? 0 : key;
}

swoll_cell CellMap::sum(size_t cell) const {
  swoll_cell sum{};
  for (size_t shard = 0; shard < shards; shard++) {
    const swoll_cell& part = cells[shard * perShard() + cell];
    sum.time += load(part.time);
    for (size_t i = 0; i < SWOLL_BUCKETS; i++) sum.buckets[i] += load(part.buckets[i]);
  }
  return sum;
}

void CellMap::each(const std::function<void(uint64_t, const swoll_cell&)>& take) const {
  for (size_t cell = 0; cell < size(); cell++)
    if (uint64_t key = keyOf(cell)) take(key, sum(cell));
}

size_t CellMap::used() const {
  size_t used = 0;
  for (size_t cell = 0; cell < size(); cell++) used += keyOf(cell) != 0;
  return used;
}

// A program that found the key before may still add to the cell, for microseconds. So the cell
// rests until the next time, under a key that is nobody's, and only then is emptied and free.
void CellMap::release(const std::function<bool(uint64_t)>& which) {
  for (size_t cell : std::exchange(resting, {})) {
    for (size_t shard = 0; shard < shards; shard++)
      memset(&cells[shard * perShard() + cell], 0, sizeof(swoll_cell));
    __atomic_store_n(&keys[cell], 0, __ATOMIC_RELEASE);
  }
  for (size_t cell = 0; cell < size(); cell++) {
    uint64_t key = keyOf(cell);
    if (!key || !which(key)) continue;
    __atomic_store_n(&keys[cell], restingKey, __ATOMIC_RELEASE);
    resting.push_back(cell);
  }
}

swoll_cell CellMap::withoutCell() const { return keys ? sum(size()) : swoll_cell{}; }

uint64_t CellMap::uncounted() const { return lost ? load(*lost) : 0; }

}  // namespace swoll
