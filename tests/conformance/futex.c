// SPDX-License-Identifier: Apache-2.0
// Futexes, each operation.
#include "corpus.h"

#include <linux/futex.h>

int main(int argc, char** argv) {
  begin(argc, argv);
  static uint32_t word, other;
  struct timespec brief = {0, 1000000}, past = {1, 5}, bad = {0, -1};
  const int ops[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT | FUTEX_PRIVATE_FLAG,
                     FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME,
                     FUTEX_WAIT | FUTEX_CLOCK_REALTIME};
  for (size_t i = 0; i < COUNT(ops); i++) {
    call(SYS_futex, &word, ops[i], 5, &brief, NULL, 0xff);
    call(SYS_futex, &word, ops[i], 0, i & 1 ? &past : &brief, NULL, FUTEX_BITSET_MATCH_ANY);
    call(SYS_futex, &word, ops[i], -1, NULL, NULL, 0);
    call(SYS_futex, &word, ops[i], 0, &bad, NULL, 0);
    call(SYS_futex, WILD, ops[i], 0x80000000, WILD, WILD, 1);
  }
  const int wakes[] = {FUTEX_WAKE, FUTEX_WAKE_PRIVATE, FUTEX_WAKE_BITSET, FUTEX_FD, 99, -1};
  for (size_t i = 0; i < COUNT(wakes); i++)
    call(SYS_futex, &word, wakes[i], i ? 0x7fffffff : 1, WILD, &other, 3);
  const int moves[] = {FUTEX_REQUEUE, FUTEX_CMP_REQUEUE_PRIVATE, FUTEX_CMP_REQUEUE,
                       FUTEX_CMP_REQUEUE_PI};
  for (size_t i = 0; i < COUNT(moves); i++) {
    call(SYS_futex, &word, moves[i], 1, 5L, &other, 0);
    call(SYS_futex, &word, moves[i], 1, 5L, &other, 77);
  }
  const int wakeOps[] = {FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 2),
                         FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_GT, 0),
                         FUTEX_OP((FUTEX_OP_XOR | FUTEX_OP_OPARG_SHIFT), 3, FUTEX_OP_CMP_LE, 4095),
                         FUTEX_OP(7, 4095, 15, 0)};
  for (size_t i = 0; i < COUNT(wakeOps); i++)
    call(SYS_futex, &word, FUTEX_WAKE_OP | (i & 1 ? FUTEX_PRIVATE_FLAG : 0), 1, 2L, &other,
         wakeOps[i]);
  word = other = 0;
  call(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
  call(SYS_futex, &word, FUTEX_LOCK_PI, 0, &past, NULL, 0);
  call(SYS_futex, &word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &past, NULL, 0);
  call(SYS_futex, &word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
  call(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
  call(SYS_futex, &word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
  call(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI, 5, &past, &other, 0);

  static struct futex_waitv waiters[200];
  const struct futex_waitv some[3] = {{0, (long)&word, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0},
                                      {7, (long)&other, FUTEX_32, 0},
                                      {-1UL, 16, 0xff, 9}};
  memcpy(waiters, some, sizeof some);
  call(SYS_futex_waitv, waiters, 1, 0, &past, CLOCK_MONOTONIC);
  call(SYS_futex_waitv, waiters, 2, 0, &past, CLOCK_REALTIME);
  call(SYS_futex_waitv, waiters, 3, 0, NULL, 0);
  call(SYS_futex_waitv, waiters, 200, 5, &bad, 99);
  call(SYS_futex_waitv, WILD, 1, 0, WILD, CLOCK_MONOTONIC);
  call(SYS_futex_waitv, NULL, 0, 0, NULL, -1);
}
