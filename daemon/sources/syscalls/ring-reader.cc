// SPDX-License-Identifier: Apache-2.0
#include "sources/syscalls/ring-reader.h"

namespace swoll {
namespace {

// Records between two looks at everything else that the loop serves.
constexpr size_t budget = 2048;
// A little longer than the kernel's interval, whose clock starts before ours does.
constexpr auto pause = BpfProbe::wakeupInterval + std::chrono::milliseconds(1);

}  // namespace

RingReader::RingReader(BpfProbe& probe, kj::UnixEventPort& port, kj::Timer& timer)
    : probe(probe),
      timer(timer),
      observer(port, probe.ringFd(), kj::UnixEventPort::FdObserver::OBSERVE_READ) {}

kj::Promise<void> RingReader::run() {
  return observer.whenBecomesReadable().then([this] { return readUntilQuiet(false); }).then([this] {
    return run();
  });
}

// Quiet is a look after a pause that finds nothing. An empty look right after a wake-up says
// little: somebody else may have taken the records, and the kernel will not wake us again yet.
kj::Promise<void> RingReader::readUntilQuiet(bool paused) {
  size_t read = probe.consume(budget);
  if (read == 0 && paused) return kj::READY_NOW;
  // Through the timer, which looks at descriptors and other timers too: the loop does not do so
  // while it has anything ready to run.
  auto wait = read == budget ? 0 * kj::NANOSECONDS : pause.count() * kj::NANOSECONDS;
  bool pauses = read < budget;
  return timer.afterDelay(wait).then([this, pauses] { return readUntilQuiet(pauses); });
}

}  // namespace swoll
