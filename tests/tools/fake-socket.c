// SPDX-License-Identifier: Apache-2.0
// fake-socket hang|garbage PATH: a listener on a Unix socket that is no good.
//   hang      accepts and never answers
//   garbage   answers whatever comes with bytes that are no protocol, and goes on
// Prints "ready" once it listens. Ends with SIGTERM; the socket stays for the caller to remove.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 256 };

int main(int argc, char** argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct pollfd fds[MOST] = {0};
  static char bytes[4096];
  int count = 1, garbage;

  if (argc != 3 || (strcmp(argv[1], "hang") && strcmp(argv[1], "garbage")) ||
      strlen(argv[2]) >= sizeof address.sun_path) {
    fprintf(stderr, "usage: fake-socket hang|garbage PATH\n");
    return 2;
  }
  garbage = !strcmp(argv[1], "garbage");
  strcpy(address.sun_path, argv[2]);
  memset(bytes, 0xa5, sizeof bytes);
  fds[0] = (struct pollfd){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .events = POLLIN};
  if (bind(fds[0].fd, (struct sockaddr*)&address, sizeof address) < 0 ||
      listen(fds[0].fd, 16) < 0) {
    perror(argv[2]);
    return 1;
  }
  printf("ready\n");
  fflush(stdout);

  for (;;) {
    if (poll(fds, count, -1) < 0) return 1;
    if (fds[0].revents && count < MOST)
      fds[count++] = (struct pollfd){.fd = accept(fds[0].fd, NULL, NULL), .events = POLLIN};
    for (int i = 1; i < count; i++) {
      char in[4096];
      if (!fds[i].revents) continue;
      // What was sent is read and dropped, so that the peer sees a server at work.
      if (read(fds[i].fd, in, sizeof in) <= 0) {
        close(fds[i].fd);
        fds[i--] = fds[--count];
      } else if (garbage) {
        send(fds[i].fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
      }
    }
  }
}
