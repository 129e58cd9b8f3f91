// SPDX-License-Identifier: Apache-2.0
// The kernel's counts of calls, as memory that is shared with it (bpf/syscalls/count.h): reading
// them costs no system call. A resource; the probe owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "counts/call-cells.h"

struct probe;

namespace swoll {

class CellMap final : public CallCells {
 public:
  CellMap() = default;
  ~CellMap() noexcept override { unmap(); }
  CellMap(const CellMap&) = delete;
  CellMap& operator=(const CellMap&) = delete;

  // Before load: `most` cells, rounded up to a power of two.
  void lay(probe& skeleton, size_t most);
  // After it. Answers why it could not.
  std::optional<std::string> map(probe& skeleton);

  void each(const std::function<void(uint64_t, const swoll_cell&)>& take) const override;
  void release(const std::function<bool(uint64_t)>& which) override;
  size_t size() const override { return keys ? lines * SWOLL_CELL_WAYS : 0; }
  size_t used() const override;
  swoll_cell withoutCell() const override;
  uint64_t uncounted() const override;

 private:
  void unmap();
  uint64_t keyOf(size_t cell) const;  // 0: free, or resting
  swoll_cell sum(size_t cell) const;
  size_t perShard() const { return lines * SWOLL_CELL_WAYS + 1; }

  size_t lines = 0, shards = 0;
  uint64_t* keys = nullptr;     // size()
  swoll_cell* cells = nullptr;  // of each shard: perShard()
  const uint64_t* lost = nullptr;
  std::vector<size_t> resting;  // cells that the last release() took
};

}  // namespace swoll
