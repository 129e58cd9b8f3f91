// SPDX-License-Identifier: Apache-2.0
#include "sources/ring-reader.h"

#include <iterator>
#include <utility>

namespace swoll {
namespace {

// Records between two looks at everything else that the loop serves.
constexpr size_t budget = 2048;
// A little longer than the kernel's interval, whose clock starts before ours does.
constexpr auto pause = RecordRing::wakeupInterval + std::chrono::milliseconds(1);
// Once all is quiet, each this long after the one before.
constexpr kj::Duration lateLooks[] = {100 * kj::MILLISECONDS, 1 * kj::SECONDS};

}  // namespace

RingReader::RingReader(RecordRing& ring, kj::UnixEventPort& port, kj::Timer& timer)
    : ring(ring),
      timer(timer),
      observer(port, ring.fd(), kj::UnixEventPort::FdObserver::OBSERVE_READ) {}

kj::Promise<void> RingReader::run() { return watch(0); }

// Waits for a wake-up; after quiet it has looked so often without one.
kj::Promise<void> RingReader::watch(size_t looks) {
  auto wait = observer.whenBecomesReadable().then([] { return true; });
  if (looks < std::size(lateLooks))
    wait = wait.exclusiveJoin(timer.afterDelay(lateLooks[looks]).then([] { return false; }));
  return wait.then([this, looks](bool isWoken) -> kj::Promise<void> {
    if (!isWoken && !look()) return watch(looks + 1);
    return readUntilQuiet(false).then([this] { return watch(0); });
  });
}

// Whether the ring had anything since the look before, whoever took it.
bool RingReader::look() {
  ring.consume(budget);
  return std::exchange(seen, ring.consumed()) != ring.consumed();
}

// Quiet is a look after a pause that finds nothing. An empty look right after a wake-up says
// little: the kernel will not wake us again yet.
kj::Promise<void> RingReader::readUntilQuiet(bool paused) {
  uint64_t before = ring.consumed();
  if (!look() && paused) return kj::READY_NOW;
  // Through the timer, which looks at descriptors and other timers too: the loop does not do so
  // while it has anything ready to run.
  bool pauses = ring.consumed() - before < budget;
  auto wait = pauses ? pause.count() * kj::NANOSECONDS : 0 * kj::NANOSECONDS;
  return timer.afterDelay(wait).then([this, pauses] { return readUntilQuiet(pauses); });
}

}  // namespace swoll
