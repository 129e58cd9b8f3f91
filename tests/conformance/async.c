// SPDX-License-Identifier: Apache-2.0
// Asynchronous input and output: Linux' own, and io_uring.
#include "corpus.h"

#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>

static char in[64];
static struct timespec brief = {0, 1000000}, bad = {0, -1};

static void aio(int fd) {
  aio_context_t context = 0, none = 0x4711;
  struct io_event events[8];
  struct iovec parts[] = {{"one", 3}, {ODD, 5}};
  struct iocb jobs[] = {
      {.aio_data = 1,
       .aio_lio_opcode = IOCB_CMD_PWRITE,
       .aio_fildes = fd,
       .aio_buf = (long)"written",
       .aio_nbytes = 7},
      {.aio_data = 2,
       .aio_lio_opcode = IOCB_CMD_PREAD,
       .aio_fildes = fd,
       .aio_buf = (long)in,
       .aio_nbytes = 20,
       .aio_offset = 2},
      {.aio_data = 3,
       .aio_lio_opcode = IOCB_CMD_PWRITEV,
       .aio_fildes = fd,
       .aio_buf = (long)parts,
       .aio_nbytes = 2,
       .aio_reqprio = 5},
      {.aio_data = 4, .aio_lio_opcode = IOCB_CMD_FSYNC, .aio_fildes = fd},
      {.aio_data = -1UL,
       .aio_lio_opcode = IOCB_CMD_POLL,
       .aio_fildes = fd,
       .aio_buf = POLLIN | POLLOUT},
      {.aio_data = 6,
       .aio_lio_opcode = 77,
       .aio_fildes = -1,
       .aio_buf = 16,
       .aio_nbytes = -1UL,
       .aio_offset = -1,
       .aio_flags = IOCB_FLAG_RESFD,
       .aio_resfd = 99},
      {.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = 12345},
  };
  struct iocb* list[COUNT(jobs)];
  for (size_t i = 0; i < COUNT(jobs); i++) list[i] = &jobs[i];
  call(SYS_io_setup, 8, &context);
  call(SYS_io_setup, 0, &none);
  call(SYS_io_setup, -1, WILD);
  call(SYS_io_submit, context, 4, list);
  call(SYS_io_submit, context, 1, list + 4);
  call(SYS_io_submit, context, 2, list + 5);
  call(SYS_io_submit, context, -1L, list);
  call(SYS_io_submit, context, 0, NULL);
  call(SYS_io_submit, none, 1, WILD);
  struct iocb* wild[] = {WILD, NULL};
  call(SYS_io_submit, context, 2, wild);
  call(SYS_io_getevents, context, 1, 8, events, &brief);
  call(SYS_io_getevents, context, 1, 8, events, &brief);
  call(SYS_io_getevents, context, 0, 8, events, &bad);
  call(SYS_io_getevents, none, 5, -1L, WILD, NULL);
  unsigned long set = 1UL << (SIGUSR1 - 1);
  struct {
    unsigned long* set;
    size_t size;
  } mask = {&set, 8}, wrong = {WILD, 8};
  call(SYS_io_submit, context, 1, list);
  call(SYS_io_pgetevents, context, 1, 8, events, &brief, &mask);
  call(SYS_io_pgetevents, context, 0, 8, events, &brief, &wrong);
  call(SYS_io_pgetevents, none, -1L, 8, WILD, WILD, WILD);
  call(SYS_io_cancel, context, list[0], events);
  call(SYS_io_cancel, none, WILD, WILD);
  call(SYS_io_destroy, context);
  call(SYS_io_destroy, none);
}

static void ring(int fd) {
  struct io_uring_params params = {0}, sized = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
                                                .cq_entries = 64};
  struct io_uring_params poll = {.flags = IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF,
                                 .sq_thread_cpu = 5000,
                                 .sq_thread_idle = 7};
  struct io_uring_params wrong = {.flags = -1U, .features = 7, .wq_fd = 99};
  int ring = call(SYS_io_uring_setup, 4, &params);
  close(call(SYS_io_uring_setup, 16, &sized));
  close(call(SYS_io_uring_setup, 4, &poll));
  call(SYS_io_uring_setup, 4, &wrong);
  call(SYS_io_uring_setup, 0, NULL);
  call(SYS_io_uring_setup, -1, WILD);
  struct iovec buffers[] = {{in, 64}, {NULL, 0}};
  int files[] = {fd, -1, fd}, event = fd;
  struct {
    struct io_uring_probe probe;
    struct io_uring_probe_op ops[64];
  } probe = {0};
  struct io_uring_files_update update = {.offset = 1, .fds = (long)files};
  struct io_uring_restriction limits[] = {
      {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP}};
  call(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, buffers, 1);
  call(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, WILD, 1);
  call(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
  call(SYS_io_uring_register, ring, IORING_REGISTER_FILES, files, 3);
  call(SYS_io_uring_register, ring, IORING_REGISTER_FILES_UPDATE, &update, 1);
  call(SYS_io_uring_register, ring, IORING_UNREGISTER_FILES, NULL, 0);
  call(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD, &event, 1);
  call(SYS_io_uring_register, ring, IORING_REGISTER_PROBE, &probe, 64);
  call(SYS_io_uring_register, ring, IORING_REGISTER_RESTRICTIONS, limits, 1);
  call(SYS_io_uring_register, ring, IORING_REGISTER_PERSONALITY, NULL, 0);
  call(SYS_io_uring_register, ring, IORING_UNREGISTER_PERSONALITY, NULL, 4711);
  call(SYS_io_uring_register, ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
  call(SYS_io_uring_register, ring, 999, WILD, -1);
  call(SYS_io_uring_register, BAD_FD, IORING_REGISTER_FILES, files, 2);
  unsigned long set = 1UL << (SIGUSR1 - 1);
  const unsigned flags[] = {0,
                            IORING_ENTER_GETEVENTS,
                            IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT,
                            IORING_ENTER_EXT_ARG,
                            IORING_ENTER_REGISTERED_RING,
                            -1};
  for (size_t i = 0; i < COUNT(flags); i++)
    call(SYS_io_uring_enter, ring, i & 1, 0, flags[i], &set, 8);
  call(SYS_io_uring_enter, ring, 0, 0, IORING_ENTER_GETEVENTS, WILD, 8);
  call(SYS_io_uring_enter, BAD_FD, -1, -1, 0, NULL, 0);
  close(ring);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  int fd = makeFile("file", "some content of it");
  aio(fd);
  ring(fd);
}
