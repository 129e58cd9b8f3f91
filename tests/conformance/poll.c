// SPDX-License-Identifier: Apache-2.0
// Many descriptors are waited for at once.
#include "corpus.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static int pipes[2];
static struct timespec brief = {0, 1000000}, bad = {-1, -1}, longer = {2, 5};
static unsigned long sigmask = 1UL << (SIGUSR1 - 1) | 1UL << (SIGCHLD - 1);

static void polls(void) {
  struct pollfd fds[] = {{pipes[0], POLLIN | POLLPRI | POLLRDHUP, 0},
                         {pipes[1], POLLOUT | POLLWRNORM | POLLWRBAND, 0},
                         {-1, POLLIN, 77},
                         {12345, POLLERR | POLLHUP | POLLNVAL, 0},
                         {pipes[1], (short)0xffff, 0},
                         {pipes[0], 0, 0}};
  call(SYS_poll, fds, 6, 10);
  call(SYS_poll, fds, 1, 1);
  call(SYS_poll, fds, 2, -1);
  call(SYS_poll, fds + 2, 1, 0);
  call(SYS_poll, NULL, 0, 1);
  call(SYS_poll, NULL, 3, 1);
  call(SYS_poll, WILD, 2, 5);
  call(SYS_poll, fds, -1, 0);
  call(SYS_poll, atEdge(fds, 16), 4, 0);
  struct timespec t = brief;
  call(SYS_ppoll, fds, 6, &longer, &sigmask, 8);
  call(SYS_ppoll, fds, 1, &t, NULL, 8);
  call(SYS_ppoll, fds, 2, NULL, NULL, 0);
  call(SYS_ppoll, fds, 1, &bad, NULL, 0);
  call(SYS_ppoll, fds, 1, &t, &sigmask, 5);
  call(SYS_ppoll, WILD, 1, WILD, WILD, 8);
}

static void selects(void) {
  fd_set in, out, except;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&except);
  FD_SET(pipes[0], &in);
  FD_SET(0, &in);
  FD_SET(pipes[1], &out);
  FD_SET(pipes[1], &except);
  struct timeval tv = {0, 1000}, wrong = {-1, 0};
  struct timespec ts = brief;
  struct {
    void* set;
    unsigned long size;
  } mask = {&sigmask, 8}, wrongMask = {WILD, 8}, wrongSize = {&sigmask, 3};
  fd_set a = in, b = out, c = except;
  call(SYS_select, 64, &a, &b, &c, &tv);
  a = in;
  FD_CLR(0, &a);
  call(SYS_select, pipes[0] + 1, &a, NULL, NULL, &tv);
  call(SYS_select, 0, NULL, NULL, NULL, &tv);
  call(SYS_select, 1024, &in, NULL, NULL, &wrong);
  call(SYS_select, -1, &in, NULL, NULL, NULL);
  FD_SET(900, &out);
  call(SYS_select, 1000, NULL, &out, NULL, &tv);
  call(SYS_select, 5, WILD, WILD, NULL, &tv);
  call(SYS_select, 5, NULL, NULL, NULL, WILD);
  a = in, b = except;
  call(SYS_pselect6, 64, &a, &b, NULL, &ts, &mask);
  a = except;
  call(SYS_pselect6, 64, NULL, &a, NULL, NULL, NULL);
  call(SYS_pselect6, 0, NULL, NULL, NULL, &ts, &wrongMask);
  call(SYS_pselect6, 0, NULL, NULL, NULL, &ts, &wrongSize);
  call(SYS_pselect6, -7, WILD, NULL, FAR, &bad, WILD);
}

static void epolls(void) {
  struct epoll_event event = {EPOLLIN | EPOLLRDHUP | EPOLLET, {.u64 = 0x1234567890}}, got[8];
  int fd = call(SYS_epoll_create1, EPOLL_CLOEXEC);
  close(call(SYS_epoll_create, 5));
  call(SYS_epoll_create, 0);
  call(SYS_epoll_create1, 77);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pipes[0], &event);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pipes[0], &event);
  event.events = EPOLLOUT | EPOLLONESHOT | EPOLLWAKEUP | EPOLLPRI | EPOLLERR | EPOLLHUP;
  event.data.fd = pipes[1];
  call(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pipes[1], &event);
  event.events = EPOLLOUT | EPOLLEXCLUSIVE | 0x800000;
  call(SYS_epoll_ctl, fd, EPOLL_CTL_MOD, pipes[1], &event);
  event.events = EPOLLOUT;
  call(SYS_epoll_ctl, fd, EPOLL_CTL_MOD, pipes[1], &event);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, fd, &event);
  call(SYS_epoll_ctl, fd, 99, pipes[0], &event);
  call(SYS_epoll_ctl, BAD_FD, EPOLL_CTL_ADD, BAD_FD, NULL);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_MOD, pipes[1], WILD);
  call(SYS_epoll_wait, fd, got, 8, 10);
  call(SYS_epoll_wait, fd, got, 8, 0);
  call(SYS_epoll_wait, fd, got, 0, 0);
  call(SYS_epoll_wait, BAD_FD, WILD, -1, -1);
  if (write(pipes[1], "x", 1) < 0) exit(1);
  call(SYS_epoll_wait, fd, got, 8, -1);
  call(SYS_epoll_pwait, fd, got, 8, 1, &sigmask, 8);
  call(SYS_epoll_pwait, fd, got, 8, 1, NULL, 8);
  call(SYS_epoll_pwait, fd, got, 8, 1, WILD, 8);
  call(SYS_epoll_pwait, pipes[0], got, 8, 1, &sigmask, 4);
  call(SYS_epoll_pwait2, fd, got, 8, &brief, &sigmask, 8);
  call(SYS_epoll_pwait2, fd, got, 8, &bad, NULL, 0);
  call(SYS_epoll_pwait2, fd, got, 8, WILD, NULL, 0);
  call(SYS_epoll_pwait2, fd, got, 8, NULL, NULL, 0);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_DEL, pipes[1], NULL);
  call(SYS_epoll_ctl, fd, EPOLL_CTL_DEL, pipes[1], WILD);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  if (pipe(pipes) < 0) return 1;
  polls();
  selects();
  epolls();
}
