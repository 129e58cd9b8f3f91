// SPDX-License-Identifier: Apache-2.0
#include "ctl/client.h"

#include <errno.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace swoll::ctl {
namespace {

// Why the socket can't be used and what to do, as a person needs it.
std::string advice(const std::string& path, int error) {
  std::string what = "can't reach swolld at " + path + ": ";
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return what + "it is not running there; start it with 'systemctl start swolld', or name " +
             "its socket with --socket or SWOLL_SOCKET";
    case EACCES:
    case EPERM:
      return what + "you are not permitted to; run as root, or join the socket's group " +
             "('usermod -aG swoll USER', then log in again)";
    default:
      return what + strerror(error);
  }
}

// Connecting a Unix socket does not wait for anything, so this needs no event loop, and tells the
// errno, which KJ's own way does not.
kj::AutoCloseFd connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw UsageError("the socket's path must have 1 to " +
                     std::to_string(sizeof address.sun_path - 1) + " bytes: '" + path + "'");
  }
  memcpy(address.sun_path, path.c_str(), path.size());
  kj::AutoCloseFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    throw Unreachable(advice(path, errno));
  }
  return fd;
}

}  // namespace

Client::Client(const std::string& socket)
    : io_(kj::setupAsyncIo()),
      stream_(io_.lowLevelProvider->wrapSocketFd(connectTo(socket),
                                                 kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC)),
      rpc_(*stream_),
      api_(rpc_.bootstrap().castAs<schema::Swoll>()) {}

}  // namespace swoll::ctl
