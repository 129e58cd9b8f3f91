// SPDX-License-Identifier: Apache-2.0
// Peers on a Unix socket that are no good.
//   fake-socket hang PATH     listens, accepts and never answers
//   fake-socket garbage PATH  listens and answers whatever comes with bytes that are no protocol
//   fake-socket send PATH     connects, sends what it reads from stdin, and waits, up to a second,
//                             for the peer to hang up
// The listeners print what they receive, so that it can be sent elsewhere. They end with SIGTERM;
// the socket's file stays for the caller to remove.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 256 };

static char bytes[4096];

static int serve(int listener, int garbage) {
  struct pollfd fds[MOST] = {{.fd = listener, .events = POLLIN}};
  int count = 1;
  memset(bytes, 0xa5, sizeof bytes);
  for (;;) {
    if (poll(fds, count, -1) < 0) return 1;
    if (fds[0].revents && count < MOST)
      fds[count++] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
    for (int i = 1; i < count; i++) {
      char in[4096];
      ssize_t length;
      if (!fds[i].revents) continue;
      length = read(fds[i].fd, in, sizeof in);
      if (length <= 0) {
        close(fds[i].fd);
        fds[i--] = fds[--count];
        continue;
      }
      if (write(1, in, length) < 0) return 1;
      if (garbage) send(fds[i].fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }
}

static int sendAll(int fd) {
  struct pollfd answer = {.fd = fd, .events = POLLIN};
  ssize_t length;
  while ((length = read(0, bytes, sizeof bytes)) > 0)
    if (send(fd, bytes, length, MSG_NOSIGNAL) < 0) return 0;  // the peer has seen enough
  shutdown(fd, SHUT_WR);
  while (poll(&answer, 1, 1000) > 0 && read(fd, bytes, sizeof bytes) > 0)
    ;
  return 0;
}

int main(int argc, char** argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  int hang = argc == 3 && !strcmp(argv[1], "hang");
  int garbage = argc == 3 && !strcmp(argv[1], "garbage");

  if (argc != 3 || strlen(argv[2]) >= sizeof address.sun_path ||
      (!hang && !garbage && strcmp(argv[1], "send"))) {
    fprintf(stderr, "usage: fake-socket hang|garbage|send PATH\n");
    return 2;
  }
  strcpy(address.sun_path, argv[2]);
  if (hang || garbage) {
    // Under its name only once it listens: who sees it can connect.
    strcat(address.sun_path, ".");
    if (!bind(fd, (struct sockaddr*)&address, sizeof address) && !listen(fd, 16) &&
        !rename(address.sun_path, argv[2]))
      return serve(fd, garbage);
  } else if (!connect(fd, (struct sockaddr*)&address, sizeof address)) {
    return sendAll(fd);
  }
  perror(argv[2]);
  return 1;
}
