// SPDX-License-Identifier: Apache-2.0
// The connection to swolld. A resource: it owns the event loop that everything else in the tool
// runs on, so it is the first to be made and the last to go.
#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <string>

#include "ctl/errors.h"
#include "swoll.capnp.h"

namespace swoll::ctl {

class Client {
 public:
  // Throws Unreachable, with what to do about it.
  explicit Client(const std::string& socket);

  schema::Swoll::Client& api() { return api_; }
  kj::WaitScope& waitScope() { return io_.waitScope; }
  kj::UnixEventPort& eventPort() { return io_.unixEventPort; }
  kj::Timer& timer() { return io_.provider->getTimer(); }

  // Resolves when the daemon has gone.
  kj::Promise<void> onDisconnect() { return rpc_.onDisconnect(); }

  // Waits for the answer to a call, but not for ever: a daemon that hangs is not reachable.
  template <typename T>
  T wait(kj::Promise<T> answer) {
    auto late = timer().afterDelay(15 * kj::SECONDS).then([]() -> kj::Promise<T> {
      return KJ_EXCEPTION(DISCONNECTED, "it does not answer");
    });
    return answer.exclusiveJoin(kj::mv(late)).wait(io_.waitScope);
  }

 private:
  kj::AsyncIoContext io_;
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyClient rpc_;
  schema::Swoll::Client api_;
};

}  // namespace swoll::ctl
