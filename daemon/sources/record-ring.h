// SPDX-License-Identifier: Apache-2.0
// The ring buffer through which the programs send their records. A resource of the probe's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hub/source.h"

struct probe;
struct ring_buffer;

namespace swoll {

class RecordRing {
 public:
  // The kernel wakes the reader at most once in this time, so the reader looks again by itself
  // once that long after each wake-up.
  static constexpr std::chrono::nanoseconds wakeupInterval = std::chrono::milliseconds(5);

  // The size is rounded up to a power of two.
  explicit RecordRing(uint32_t bytes);
  ~RecordRing() noexcept;
  RecordRing(const RecordRing&) = delete;
  RecordRing& operator=(const RecordRing&) = delete;

  void prepare(probe& opened) const;
  // False, and errno: it could not be mapped.
  bool map(probe& loaded);
  void unmap();

  // Borrowed; none before the first call.
  void setHandler(RecordHandler* newHandler) { handler = newHandler; }
  // A descriptor that becomes readable when records wait; -1 when not mapped.
  int fd() const { return mapFd; }
  // Hands over at most `most` records; answers how many.
  size_t consume(size_t most);
  void drain();                                     // see KernelCounters
  uint64_t consumed() const { return everHanded; }  // so far, by drain() too
  uint32_t bytes() const { return size; }

 private:
  static int onRecord(void* self, void* data, size_t size);

  uint32_t size;
  RecordHandler* handler = nullptr;
  ring_buffer* ring = nullptr;
  int mapFd = -1;
  size_t budget = 0;
  size_t handed = 0, handedBytes = 0;
  uint64_t everHanded = 0;
};

}  // namespace swoll
