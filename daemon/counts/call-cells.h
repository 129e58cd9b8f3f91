// SPDX-License-Identifier: Apache-2.0
// What the kernel has counted (bpf/syscalls/count.h), declared here so that the core knows no BPF
// library. Implemented by sources/syscalls/cell-map.h, and by a fake in the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "bpf/abi.h"

namespace swoll {

class CallCells {
 public:
  virtual ~CallCells() = default;

  // Each key in use, with what all CPUs have counted for it. A key may come more than once; then
  // the sum counts. No call is missed, and numbers never fall.
  virtual void each(const std::function<void(uint64_t key, const swoll_cell& sum)>& take) const = 0;
  // Frees the cells of those keys; what they counted is gone. Calls of it are far apart: no program
  // runs that long.
  virtual void release(const std::function<bool(uint64_t key)>& which) = 0;

  virtual size_t size() const = 0;             // cells there are; 0: there is nothing that counts
  virtual size_t used() const = 0;             // of those, with a key
  virtual swoll_cell withoutCell() const = 0;  // calls that found no cell
  virtual uint64_t uncounted() const = 0;      // calls that found no memory to be timed in
};

}  // namespace swoll
