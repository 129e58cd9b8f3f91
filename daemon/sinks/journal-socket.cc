// SPDX-License-Identifier: Apache-2.0
#include "sinks/journal-socket.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace swoll {

void appendJournalField(std::string& entry, std::string_view name, std::string_view value) {
  entry += name;
  if (value.find('\n') == value.npos) {
    entry += '=';
    entry += value;
  } else {
    uint64_t length = htole64(value.size());
    entry += '\n';
    entry.append(reinterpret_cast<const char*>(&length), sizeof(length));
    entry += value;
  }
  entry += '\n';
}

JournalSocket::~JournalSocket() {
  if (fd >= 0) close(fd);
}

JournalSocket::Sent JournalSocket::fail(const char* what, int error) {
  lastProblem = std::string(what) + " " + path + ": " + strerror(error);
  if (fd >= 0) close(fd);
  fd = -1;
  return Sent::failed;
}

bool JournalSocket::connect() {
  if (fd >= 0) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    fail("the path is too long:", ENAMETOOLONG);
    return false;
  }
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    fail("a socket for", errno);
    return false;
  }
  int bytes = 8 << 20;  // as libsystemd asks for
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return true;
  fail("connecting to", errno);
  return false;
}

JournalSocket::Sent JournalSocket::send(const std::string& entry) {
  for (int attempt = 0;; attempt++) {
    if (!connect()) return Sent::failed;
    if (::send(fd, entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) break;
    if (errno == EAGAIN || errno == ENOBUFS) return Sent::busy;
    if (errno == EMSGSIZE) return sendLarge(entry);
    // A journald that was restarted has a new socket under the same name.
    bool restarted = errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET;
    fail("sending to", errno);
    if (!restarted || attempt > 0) return Sent::failed;
  }
  lastProblem.clear();
  return Sent::yes;
}

// What is too large for a datagram goes as a sealed memory file.
JournalSocket::Sent JournalSocket::sendLarge(const std::string& entry) {
  int file = memfd_create("swoll-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return Sent::busy;
  bool written =
      write(file, entry.data(), entry.size()) == ssize_t(entry.size()) &&
      fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &file, sizeof(file));
  bool sent = written && sendmsg(fd, &message, MSG_NOSIGNAL) >= 0;
  int error = errno;
  close(file);
  if (sent) lastProblem.clear();
  if (sent) return Sent::yes;
  // Anything else than a full queue needs a new socket, as in send().
  return error == EAGAIN || error == ENOBUFS ? Sent::busy : fail("sending to", error);
}

}  // namespace swoll
