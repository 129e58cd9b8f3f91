// SPDX-License-Identifier: Apache-2.0
#include "sources/processes/process-hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "probe.skel.h"

namespace swoll {
namespace {

// An iterator writes what it is read: here nothing, so it ends with the first read.
int readToEnd(int fd) {
  char nothing[64];
  for (;;) {
    ssize_t length = read(fd, nothing, sizeof(nothing));
    if (length == 0) return 0;
    if (length < 0 && errno != EINTR && errno != EAGAIN) return errno;
  }
}

// Answers an error.
int runIterator(bpf_program* program) {
  bpf_link* link = bpf_program__attach_iter(program, nullptr);
  if (!link) return errno;
  int fd = bpf_iter_create(bpf_link__fd(link));
  int error = fd < 0 ? errno : readToEnd(fd);
  if (fd >= 0) close(fd);
  bpf_link__destroy(link);
  return error;
}

}  // namespace

void ProcessHooks::take(probe& loaded) {
  skeleton = &loaded;
  wantedTypes.reset();
}

std::vector<bpf_program*> ProcessHooks::programs(probe& object) const {
  const auto& all = object.progs;
  return {all.swoll_signal, all.swoll_exit_process, all.swoll_exec, all.swoll_fork};
}

std::vector<bpf_program*> ProcessHooks::all(probe& object) const {
  auto all = programs(object);
  all.push_back(object.progs.swoll_processes);
  return all;
}

// What was noted while somebody looked the last time is not believed.
void ProcessHooks::beforeOn() {
  __atomic_add_fetch(&skeleton->bss->processes_epoch, 1, __ATOMIC_SEQ_CST);
}

std::string ProcessHooks::afterOn(probe& object) {
  int error = runIterator(object.progs.swoll_processes);
  if (!error) return {};
  return std::string("the programs of processes that were there before are not known: ") +
         strerror(error);
}

}  // namespace swoll
