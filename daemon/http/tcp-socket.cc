// SPDX-License-Identifier: Apache-2.0
#include "http/tcp-socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace swoll {

Result<int> listenTcp(const ListenAddress& address) {
  sockaddr_in four{};
  sockaddr_in6 six{};
  four.sin_family = AF_INET, six.sin6_family = AF_INET6;
  four.sin_port = six.sin6_port = htons(address.port);
  bool isFour = inet_pton(AF_INET, address.host.c_str(), &four.sin_addr) == 1;
  if (!isFour && inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr) != 1)
    return Error{"'" + address.host + "' is no address"};

  int fd = socket(isFour ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{strerror(errno)};
  int on = 1;
  // A daemon that starts anew need not wait for connections of the one before.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (!isFour) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  const auto* to =
      isFour ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
  if (bind(fd, to, isFour ? sizeof(four) : sizeof(six)) || listen(fd, SOMAXCONN)) {
    Error error{strerror(errno)};
    close(fd);
    return error;
  }
  return fd;
}

}  // namespace swoll
