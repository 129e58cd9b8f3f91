// SPDX-License-Identifier: Apache-2.0
// The HTTP server: a table of routes on one port of the daemon's event loop. It must be harmless to
// the rest whoever comes: connections, time and memory are bounded here and in http/service.h, the
// size of a head by KJ (128 KiB).
#pragma once

#include <kj/compat/http.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "http/service.h"

namespace swoll {

struct HttpLimits {
  size_t connections = 64;
  kj::Duration head = 10 * kj::SECONDS;   // for a request to come as a whole
  kj::Duration idle = 30 * kj::SECONDS;   // from a reply to the next request
  kj::Duration write = 30 * kj::SECONDS;  // for a reply to be taken
  // After this long an answer that is not taken gives way to a client that comes.
  kj::Duration patience = 2 * kj::SECONDS;
  kj::Duration retry = 5 * kj::SECONDS;  // of opening the port
};

class HttpServer {
 public:
  // Makes the listening descriptor, or says why not.
  using Open = std::function<Result<int>()>;

  // `address` is for people. All else is borrowed.
  HttpServer(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, std::string address, Open open,
             HttpSite site, HttpLimits limits = HttpLimits());

  // Opens the port, as often as it takes, and serves until it is dropped.
  kj::Promise<void> run();

  bool ok() const { return receiver.get() != nullptr; }
  std::string detail() const;
  size_t clients() const { return connections.size(); }
  // Connections closed to stay within the limit, and requests that found no room.
  uint64_t refused() const { return refusedCount + site.refused; }

 private:
  struct Connection {
    GuardedStream* stream;  // the server's
    kj::Canceler canceler;
  };

  kj::Promise<void> acceptAll();
  void take(kj::Own<kj::AsyncIoStream> stream);
  bool makeRoom();

  class Errors final : public kj::TaskSet::ErrorHandler {
    void taskFailed(kj::Exception&& exception) override;
  };

  kj::LowLevelAsyncIoProvider& io;
  kj::Timer& timer;
  std::string address;
  Open open;
  HttpSite site;
  HttpLimits limits;
  HttpNames names;
  HttpErrors replies{names};
  kj::HttpServer http;
  kj::Own<kj::ConnectionReceiver> receiver;
  std::string problem;
  uint64_t refusedCount = 0;
  uint64_t lastId = 0;
  std::map<uint64_t, Connection> connections;
  Errors errors;
  kj::TaskSet tasks;
};

}  // namespace swoll
