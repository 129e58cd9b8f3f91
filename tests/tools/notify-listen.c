// SPDX-License-Identifier: Apache-2.0
// notify-listen PATH: receives what sd_notify(3) sends to PATH and prints it, one line a message
// (the assignments of one message joined by spaces). Prints "listening" first.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char** argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char message[4096];
  int fd;

  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
    fprintf(stderr, "usage: notify-listen PATH\n");
    return 2;
  }
  strcpy(address.sun_path, argv[1]);
  fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (bind(fd, (struct sockaddr*)&address, sizeof address) < 0) {
    perror(argv[1]);
    return 1;
  }
  puts("listening");
  fflush(stdout);
  for (;;) {
    ssize_t length = recv(fd, message, sizeof message - 1, 0);
    if (length < 0) return 1;
    message[length] = 0;
    for (char* at = message; (at = strchr(at, '\n'));) *at = at[1] ? ' ' : 0;
    puts(message);
    fflush(stdout);
  }
}
