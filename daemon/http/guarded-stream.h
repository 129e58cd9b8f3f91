// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP server: what is written must be taken in time, and it can be told to
// read no more. A resource; one thread.
#pragma once

#include <kj/async-io.h>
#include <kj/debug.h>
#include <kj/timer.h>

namespace swoll {

class GuardedStream final : public kj::AsyncIoStream {
 public:
  GuardedStream(kj::Own<kj::AsyncIoStream> inner, kj::Timer& timer, kj::Duration writeLimit)
      : inner(kj::mv(inner)), timer(timer), writeLimit(writeLimit), since(timer.now()) {}

  // What comes next is taken for the end.
  void readNoMore() { ended = true; }

  // Whether a request is being answered, and since when it is so or not.
  void setBusy(bool on) {
    busy = on;
    since = timer.now();
  }
  bool isBusy() const { return busy; }
  kj::TimePoint changedAt() const { return since; }

  kj::Promise<size_t> tryRead(void* buffer, size_t least, size_t most) override {
    if (ended) return size_t(0);
    return inner->tryRead(buffer, least, most);
  }
  kj::Promise<void> write(const void* buffer, size_t size) override {
    return limited(inner->write(buffer, size));
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return limited(inner->write(pieces));
  }
  kj::Promise<void> whenWriteDisconnected() override { return inner->whenWriteDisconnected(); }
  void shutdownWrite() override { inner->shutdownWrite(); }
  void abortRead() override { inner->abortRead(); }

 private:
  kj::Promise<void> limited(kj::Promise<void> writing) {
    return writing.exclusiveJoin(timer.afterDelay(writeLimit).then([]() -> kj::Promise<void> {
      return KJ_EXCEPTION(DISCONNECTED, "the client does not take its reply");
    }));
  }

  kj::Own<kj::AsyncIoStream> inner;
  kj::Timer& timer;
  kj::Duration writeLimit;
  bool ended = false;
  bool busy = false;
  kj::TimePoint since;
};

}  // namespace swoll
