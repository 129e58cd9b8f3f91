// SPDX-License-Identifier: Apache-2.0
// The API's socket and its connections.
#pragma once

#include <kj/async-io.h>

#include <functional>
#include <string>

#include "base/error.h"
#include "swoll.capnp.h"

namespace swoll {

// A listening Unix socket at `path`, mode 0660, owned by the group if there is one by that name.
// A stale socket is replaced, one that somebody serves is an error. The path is removed by
// removeSocket(). Answers the descriptor.
Result<int> listenAt(const std::string& path, const std::string& group);
void removeSocket(const std::string& path);

// The socket that systemd hands over (sd_listen_fds(3)), or -1.
int inheritedSocket();

class Listener {
 public:
  // Makes the API object for a peer's user id.
  using MakeServer = std::function<schema::Swoll::Client(uint32_t peer)>;

  // Takes the descriptor. All else is borrowed.
  Listener(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, int fd, MakeServer makeServer);

  // Accepts until it is dropped. A connection that fails, however it fails, ends alone; while none
  // can be accepted (no descriptors are left, say) it is tried again.
  kj::Promise<void> run();
  size_t clients() const { return open; }
  uint64_t refused() const { return refusedCount; }

 private:
  kj::Promise<void> acceptOne();
  kj::Promise<void> serve(kj::AuthenticatedStream peer);

  class Errors final : public kj::TaskSet::ErrorHandler {
    void taskFailed(kj::Exception&& exception) override;
  };

  kj::Timer& timer;
  kj::Own<kj::ConnectionReceiver> receiver;
  MakeServer makeServer;
  size_t open = 0;
  uint64_t refusedCount = 0;
  Errors errors;
  kj::TaskSet tasks;
};

}  // namespace swoll
