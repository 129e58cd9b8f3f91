// SPDX-License-Identifier: Apache-2.0
#include "ctl/stdout-stream.h"

#include <errno.h>
#include <kj/debug.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

namespace swoll::ctl {
namespace {

// epoll refuses files and /dev/null, whose writes do not wait for a reader.
bool isPollable(int fd) {
  kj::AutoCloseFd epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  return epoll.get() >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool isWritable(int fd) {
  pollfd state{fd, POLLOUT, 0};
  return poll(&state, 1, 0) != 0;
}

}  // namespace

StdoutStream::StdoutStream(kj::UnixEventPort& port)
    : last_(kj::Promise<void>(kj::READY_NOW).fork()) {
  if (isPollable(STDOUT_FILENO)) {
    observer_ = kj::heap<kj::UnixEventPort::FdObserver>(
        port, STDOUT_FILENO, kj::UnixEventPort::FdObserver::OBSERVE_WRITE);
  }
}

kj::Promise<void> StdoutStream::write(std::string text) {
  auto next =
      last_.addBranch()
          .then([this, text = std::move(text)]() mutable { return pump(std::move(text), 0); })
          .fork();
  auto written = next.addBranch();
  last_ = kj::mv(next);
  return written;
}

kj::Promise<void> StdoutStream::pump(std::string text, size_t done) {
  while (done < text.size()) {
    KJ_IF_MAYBE (observer, observer_) {
      if (!isWritable(STDOUT_FILENO)) {
        return (*observer)->whenBecomesWritable().then(
            [this, text = std::move(text), done]() mutable { return pump(std::move(text), done); });
      }
    }
    // A writable pipe takes this much at once without blocking.
    size_t size = std::min<size_t>(text.size() - done, PIPE_BUF);
    ssize_t written = ::write(STDOUT_FILENO, text.data() + done, size);
    if (written >= 0) {
      done += size_t(written);
    } else if (errno == EPIPE || errno == EIO) {  // EIO: the terminal was closed
      return KJ_EXCEPTION(DISCONNECTED, "the reader has gone");
    } else if (errno != EINTR && errno != EAGAIN) {
      KJ_FAIL_SYSCALL("write", errno);
    }
  }
  return kj::READY_NOW;
}

kj::Promise<void> StdoutStream::onReaderGone() {
  KJ_IF_MAYBE (observer, observer_) return (*observer)->whenWriteDisconnected();
  return kj::NEVER_DONE;
}

}  // namespace swoll::ctl
