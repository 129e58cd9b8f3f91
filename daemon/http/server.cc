// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include "base/log.h"

namespace swoll {
namespace {

constexpr auto acceptAgain = 200 * kj::MILLISECONDS;

kj::HttpServerSettings settings(const HttpLimits& limits, HttpErrors& errors) {
  kj::HttpServerSettings out;
  out.headerTimeout = limits.head;
  out.pipelineTimeout = limits.idle;
  // What comes behind a refused request is not worth reading.
  out.canceledUploadGracePeriod = 100 * kj::MILLISECONDS;
  out.canceledUploadGraceBytes = 4096;
  out.errorHandler = errors;
  return out;
}

}  // namespace

HttpServer::HttpServer(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, std::string address,
                       Open open, HttpSite newSite, HttpLimits limits)
    : io(io),
      timer(timer),
      address(std::move(address)),
      open(std::move(open)),
      site(std::move(newSite)),
      limits(limits),
      http(
          timer, *names.table,
          [this](kj::AsyncIoStream& stream) -> kj::Own<kj::HttpService> {
            return kj::heap<HttpPages>(site, names, kj::downcast<GuardedStream>(stream));
          },
          settings(limits, replies)),
      problem("not open yet"),
      tasks(errors) {}

std::string HttpServer::detail() const {
  return ok() ? "http at " + address : address + ": " + problem + "; tried again";
}

kj::Promise<void> HttpServer::run() {
  auto fd = open();
  if (!fd) {
    if (fd.error() != problem) log(LogLevel::warning, "no http at " + address + ": " + fd.error());
    problem = fd.error();
    return timer.afterDelay(limits.retry).then([this] { return run(); });
  }
  receiver = io.wrapListenSocketFd(*fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                            kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  log(LogLevel::info, "http at " + address);
  return acceptAll();
}

kj::Promise<void> HttpServer::acceptAll() {
  return kj::evalNow([this] { return receiver->accept(); })  // it may throw at once
      .then([this](kj::Own<kj::AsyncIoStream> stream) { take(kj::mv(stream)); })
      .catch_([this](kj::Exception&& exception) {
        log(LogLevel::warning,
            std::string("no http client can be accepted: ") + exception.getDescription().cStr());
        refusedCount++;
        return timer.afterDelay(acceptAgain);
      })
      .then([this] { return acceptAll(); });
}

void HttpServer::take(kj::Own<kj::AsyncIoStream> stream) {
  if (connections.size() >= limits.connections && !makeRoom()) {
    refusedCount++;
    return;  // the stream closes here
  }
  auto guarded = kj::heap<GuardedStream>(kj::mv(stream), timer, limits.write);
  uint64_t id = ++lastId;
  Connection& connection = connections[id];
  connection.stream = guarded.get();
  tasks.add(connection.canceler.wrap(http.listenHttp(kj::mv(guarded))).attach(kj::defer([this, id] {
    connections.erase(id);
  })));
}

// Whoever keeps a connection without asking for anything gives way to one that comes, the longest
// idle first: so idle connections, however many, shut nobody out.
bool HttpServer::makeRoom() {
  Connection* worst = nullptr;
  for (auto& [id, connection] : connections) {
    const GuardedStream& stream = *connection.stream;
    if (stream.isBusy() && timer.now() - stream.changedAt() < limits.patience) continue;
    if (!worst || std::pair(stream.isBusy(), stream.changedAt()) <
                      std::pair(worst->stream->isBusy(), worst->stream->changedAt()))
      worst = &connection;
  }
  if (!worst) return false;
  refusedCount++;
  worst->canceler.cancel("it gives way to another client");
  return true;
}

void HttpServer::Errors::taskFailed(kj::Exception&& exception) {
  log(LogLevel::debug,
      std::string("an http connection ended: ") + exception.getDescription().cStr());
}

}  // namespace swoll
