// SPDX-License-Identifier: Apache-2.0
#include "rpc/listener.h"

#include <capnp/rpc-twoparty.h>

#include "base/log.h"

namespace swoll {
namespace {

constexpr size_t mostClients = 256;
constexpr auto retryAfter = 200 * kj::MILLISECONDS;
// A request is small; a peer may not make the daemon take more than this many words (8 MiB).
constexpr uint64_t mostMessageWords = 1 << 20;

uint32_t uidOf(kj::AuthenticatedStream& peer) {
  auto local = kj::dynamicDowncastIfAvailable<kj::LocalPeerIdentity>(*peer.peerIdentity);
  KJ_IF_MAYBE (identity, local) {
    KJ_IF_MAYBE (uid, identity->getCredentials().uid) return *uid;
  }
  return UINT32_MAX;
}

}  // namespace

Listener::Listener(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, int fd, MakeServer makeServer)
    : timer(timer),
      receiver(io.wrapListenSocketFd(fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                             kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC)),
      makeServer(std::move(makeServer)),
      tasks(errors) {}

kj::Promise<void> Listener::run() {
  return kj::evalNow([this] { return acceptOne(); })  // it may throw at once
      .catch_([this](kj::Exception&& exception) {
        log(LogLevel::warning,
            std::string("no client can be accepted: ") + exception.getDescription().cStr());
        refusedCount++;
        return timer.afterDelay(retryAfter);
      })
      .then([this] { return run(); });
}

kj::Promise<void> Listener::acceptOne() {
  return receiver->acceptAuthenticated().then([this](kj::AuthenticatedStream peer) {
    if (open >= mostClients) {
      refusedCount++;  // the stream closes here
    } else {
      tasks.add(serve(kj::mv(peer)));
    }
  });
}

kj::Promise<void> Listener::serve(kj::AuthenticatedStream peer) {
  struct Connection {
    kj::Own<kj::AsyncIoStream> stream;
    capnp::TwoPartyVatNetwork network;
    capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc;

    Connection(kj::Own<kj::AsyncIoStream> s, schema::Swoll::Client api,
               capnp::ReaderOptions options)
        : stream(kj::mv(s)),
          network(*stream, capnp::rpc::twoparty::Side::SERVER, options),
          rpc(capnp::makeRpcServer(network, kj::mv(api))) {}
  };
  capnp::ReaderOptions options;
  options.traversalLimitInWords = mostMessageWords;
  uint32_t uid = uidOf(peer);
  auto connection = kj::heap<Connection>(kj::mv(peer.stream), makeServer(uid), options);
  auto gone = connection->network.onDisconnect();
  open++;
  return gone.attach(kj::mv(connection), kj::defer([this] { open--; }));
}

void Listener::Errors::taskFailed(kj::Exception&& exception) {
  log(LogLevel::debug, std::string("a connection ended: ") + exception.getDescription().cStr());
}

}  // namespace swoll
