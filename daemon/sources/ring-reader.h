// SPDX-License-Identifier: Apache-2.0
// Reads the ring in the event loop. The kernel wakes the reader at most once in an interval, so
// after a wake-up the reader looks again by itself until it finds nothing: a look that comes more
// than the interval after the last wake-up and finds nothing has missed nothing, since the next
// record will wake it. Only a program that was held up between its look at the clock and its record
// may have decided before that not to; so some late looks follow, and while nothing comes there are
// none.
#pragma once

#include <kj/async-unix.h>
#include <kj/timer.h>

#include "sources/record-ring.h"

namespace swoll {

class RingReader {
 public:
  // Borrows all three; the ring must be mapped and outlive this.
  RingReader(RecordRing& ring, kj::UnixEventPort& port, kj::Timer& timer);

  // Never ends by itself; dropping it stops the reading.
  kj::Promise<void> run();

 private:
  kj::Promise<void> watch(size_t looks);
  bool look();
  kj::Promise<void> readUntilQuiet(bool paused);

  RecordRing& ring;
  kj::Timer& timer;
  kj::UnixEventPort::FdObserver observer;
  uint64_t seen = 0;  // records that somebody had taken at the last look
};

}  // namespace swoll
