// SPDX-License-Identifier: Apache-2.0
// Hangs the two empty programs on the hooks, says "attached" and stays until SIGTERM or SIGINT.
#include <signal.h>

#include <cstdio>

#include "empty.skel.h"

int main() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);

  empty* pair = empty__open_and_load();
  if (!pair || empty__attach(pair)) {
    std::perror("empty-pair");
    empty__destroy(pair);
    return 1;
  }
  std::puts("attached");
  std::fflush(stdout);
  int signal;
  sigwait(&ends, &signal);
  empty__destroy(pair);
  return 0;
}
