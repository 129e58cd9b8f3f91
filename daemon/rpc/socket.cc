// SPDX-License-Identifier: Apache-2.0
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "rpc/listener.h"

namespace swoll {
namespace {

Error failed(const std::string& what) { return {what + ": " + strerror(errno)}; }

// Whether somebody answers there.
bool isServed(const sockaddr_un& address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // EAGAIN: its queue of connections is full, so somebody owns it.
  bool served = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
                errno == EAGAIN;
  close(fd);
  return served;
}

void giveToGroup(const std::string& path, const std::string& group) {
  if (group.empty()) return;
  const ::group* entry = getgrnam(group.c_str());
  if (!entry)
    log(LogLevel::warning, "no group '" + group + "': only root can use " + path);
  else if (chown(path.c_str(), uid_t(-1), entry->gr_gid))
    log(LogLevel::warning, path + " stays root's: " + strerror(errno));
}

}  // namespace

Result<int> listenAt(const std::string& path, const std::string& group) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return Error{"socket path '" + path + "' is empty or longer than 107 bytes"};
  memcpy(address.sun_path, path.c_str(), path.size() + 1);

  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  struct stat there;
  if (lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return Error{path + " exists and is no socket"};
    if (isServed(address)) return Error{path + " is served already; is another swolld running?"};
    unlink(path.c_str());
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed("socket");
  // Never open to more than root, not even for a moment; the group comes after.
  mode_t old = umask(0117);
  int bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  umask(old);
  if (bound || listen(fd, SOMAXCONN)) {
    auto error = failed("listening at " + path);
    close(fd);
    return error;
  }
  giveToGroup(path, group);
  return fd;
}

void removeSocket(const std::string& path) { unlink(path.c_str()); }

int inheritedSocket() {
  int count = sd_listen_fds(1);
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++)
    if (sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) > 0) return fd;
  return -1;
}

}  // namespace swoll
