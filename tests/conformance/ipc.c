// SPDX-License-Identifier: Apache-2.0
// Shared memory, semaphores and message queues, in an IPC namespace of its own.
#include "corpus.h"

#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static struct timespec brief = {0, 1000000}, past = {1, 2}, bad = {5, 1000000000};

static void memory(void) {
  const int flags[] = {IPC_CREAT | 0600,
                       IPC_CREAT | IPC_EXCL | 0777,
                       SHM_HUGETLB | IPC_CREAT | 0600,
                       SHM_NORESERVE | IPC_CREAT | 0640,
                       21 << 26 | SHM_HUGETLB | IPC_CREAT,
                       -1};
  struct shmid_ds ds;
  struct shm_info info;
  for (size_t i = 0; i < COUNT(flags); i++) call(SYS_shmget, 0x4711 + (i & 1), 4096 * i, flags[i]);
  int id = call(SYS_shmget, IPC_PRIVATE, 8192, IPC_CREAT | 0600);
  call(SYS_shmget, -1, -1L, 0);
  long at = call(SYS_shmat, id, NULL, 0);
  call(SYS_shmdt, at);
  call(SYS_shmdt, at);
  at = call(SYS_shmat, id, (at + 0x10000) | 5, SHM_RND | SHM_RDONLY | SHM_EXEC);
  call(SYS_shmat, id, at, SHM_REMAP | 0x800);
  call(SYS_shmat, -1, WILD, -1);
  call(SYS_shmctl, id, IPC_STAT, &ds);
  ds.shm_perm.mode = 0666;
  ds.shm_perm.uid = 1000;
  call(SYS_shmctl, id, IPC_SET, &ds);
  call(SYS_shmctl, id, SHM_LOCK, NULL);
  call(SYS_shmctl, id, SHM_UNLOCK, NULL);
  call(SYS_shmctl, 0, IPC_INFO, &info);
  call(SYS_shmctl, 0, SHM_INFO, &info);
  call(SYS_shmctl, 0, SHM_STAT, &ds);
  call(SYS_shmctl, id, IPC_STAT, WILD);
  call(SYS_shmctl, id, 77, NULL);
  call(SYS_shmctl, id, IPC_RMID, NULL);
  call(SYS_shmctl, -5, IPC_RMID, WILD);
}

static void semaphores(void) {
  struct sembuf ops[] = {{0, 1, 0}, {1, -1, IPC_NOWAIT | SEM_UNDO}, {2, 0, SEM_UNDO | IPC_NOWAIT}},
                odd[] = {{77, -32768, (short)0xf00f}};
  unsigned short values[3] = {1, 2, 3};
  struct semid_ds ds;
  struct seminfo info;
  int id = call(SYS_semget, IPC_PRIVATE, 3, IPC_CREAT | 0600);
  call(SYS_semget, 0x1234, -5, IPC_CREAT | IPC_EXCL | 0644);
  call(SYS_semget, 0x1234, 0, 0);
  call(SYS_semctl, id, 0, SETALL, values);
  call(SYS_semctl, id, 0, GETALL, values);
  call(SYS_semctl, id, 1, SETVAL, 5);
  call(SYS_semctl, id, 1, GETVAL, 0);
  call(SYS_semctl, id, 1, GETPID, 0);
  call(SYS_semctl, id, 1, GETNCNT, 0);
  call(SYS_semctl, id, 1, GETZCNT, 0);
  call(SYS_semctl, id, 0, IPC_STAT, &ds);
  ds.sem_perm.mode = 0666;
  call(SYS_semctl, id, 0, IPC_SET, &ds);
  call(SYS_semctl, 0, 0, IPC_INFO, &info);
  call(SYS_semctl, 0, 0, SEM_INFO, &info);
  call(SYS_semctl, 0, 0, SEM_STAT, &ds);
  call(SYS_semctl, id, 99, SETVAL, -1);
  call(SYS_semctl, id, 0, 4711, WILD);
  call(SYS_semctl, -1, -1, IPC_STAT, WILD);
  call(SYS_semop, id, ops, 2);
  call(SYS_semop, id, ops + 2, 1);
  call(SYS_semop, id, odd, 1);
  call(SYS_semop, id, NULL, 0);
  call(SYS_semop, -1, WILD, 5);
  call(SYS_semop, id, ops, 100000);
  ops[0].sem_op = -100;
  call(SYS_semtimedop, id, ops, 1, &brief);
  call(SYS_semtimedop, id, ops, 3, &bad);
  call(SYS_semtimedop, id, ops + 1, 1, NULL);
  call(SYS_semtimedop, -1, WILD, 1, WILD);
  call(SYS_semctl, id, 0, IPC_RMID, 0);
}

static void messages(void) {
  struct {
    long type;
    char text[64];
  } message = {5, "text " ODD};
  struct msqid_ds ds;
  struct msginfo info;
  int id = call(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);
  call(SYS_msgget, 0x4711, 0);
  call(SYS_msgget, 0x4711, IPC_CREAT | IPC_EXCL | 0600);
  call(SYS_msgget, -7, -1);
  call(SYS_msgsnd, id, &message, 20, 0);
  call(SYS_msgsnd, id, &message, 0, IPC_NOWAIT);
  message.type = -1;
  call(SYS_msgsnd, id, &message, 20, 0x8000);
  call(SYS_msgsnd, id, WILD, 20, 0);
  call(SYS_msgsnd, -1, NULL, HUGE, -1);
  call(SYS_msgctl, id, IPC_STAT, &ds);
  ds.msg_qbytes = 1000;
  call(SYS_msgctl, id, IPC_SET, &ds);
  call(SYS_msgctl, 0, IPC_INFO, &info);
  call(SYS_msgctl, 0, MSG_INFO, &info);
  call(SYS_msgctl, 0, MSG_STAT, &ds);
  call(SYS_msgrcv, id, &message, 5, 5, 0);
  call(SYS_msgrcv, id, &message, 5, 5, MSG_NOERROR | IPC_NOWAIT);
  call(SYS_msgrcv, id, &message, 64, -5L, MSG_EXCEPT | IPC_NOWAIT);
  call(SYS_msgrcv, id, &message, 64, 0, IPC_NOWAIT);
  call(SYS_msgrcv, id, &message, 64, 0, MSG_COPY | IPC_NOWAIT);
  call(SYS_msgrcv, -1, WILD, -1L, 0, -1);
  call(SYS_msgctl, id, 99, NULL);
  call(SYS_msgctl, id, IPC_STAT, WILD);
  call(SYS_msgctl, id, IPC_RMID, NULL);
  call(SYS_msgctl, id, IPC_RMID, NULL);
}

static void queues(void) {
  struct mq_attr attr = {.mq_flags = 0, .mq_maxmsg = 5, .mq_msgsize = 64}, old,
                 block = {.mq_flags = O_NONBLOCK};
  struct sigevent event = {
      .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
  char in[64];
  unsigned priority;
  int fd = call(SYS_mq_open, "queue", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
  call(SYS_mq_open, "queue", O_RDONLY | O_NONBLOCK);
  call(SYS_mq_open, "absent", O_RDWR | O_CLOEXEC, 0777, NULL);
  attr.mq_maxmsg = -1;
  call(SYS_mq_open, "bad", O_CREAT | O_WRONLY, 0644, &attr);
  call(SYS_mq_open, WILD, O_CREAT, 0600, WILD);
  call(SYS_mq_open, NULL, -1, -1, NULL);
  call(SYS_mq_timedsend, fd, "first " ODD, 10, 7, NULL);
  call(SYS_mq_timedsend, fd, "second", 6, 32767, &past);
  call(SYS_mq_timedsend, fd, "x", 1000, 1, NULL);
  call(SYS_mq_timedsend, fd, NULL, 10, 1, &bad);
  call(SYS_mq_timedsend, BAD_FD, WILD, HUGE, -1, WILD);
  call(SYS_mq_getsetattr, fd, NULL, &old);
  call(SYS_mq_getsetattr, fd, &block, &old);
  call(SYS_mq_getsetattr, fd, NULL, NULL);
  call(SYS_mq_getsetattr, BAD_FD, WILD, WILD);
  call(SYS_mq_notify, fd, &event);
  call(SYS_mq_notify, fd, NULL);
  event.sigev_notify = SIGEV_NONE;
  call(SYS_mq_notify, fd, &event);
  event.sigev_signo = event.sigev_notify = 99;
  call(SYS_mq_notify, fd, &event);
  call(SYS_mq_notify, BAD_FD, WILD);
  call(SYS_mq_timedreceive, fd, in, 64, &priority, NULL);
  call(SYS_mq_timedreceive, fd, in, 64, NULL, &past);
  call(SYS_mq_timedreceive, fd, in, 64, &priority, &past);
  call(SYS_mq_timedreceive, fd, in, 3, &priority, NULL);
  call(SYS_mq_timedreceive, BAD_FD, WILD, -1L, WILD, WILD);
  call(SYS_mq_unlink, "queue");
  call(SYS_mq_unlink, "queue");
  call(SYS_mq_unlink, NULL);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  if (call(SYS_unshare, CLONE_NEWIPC) < 0) return 0;
  memory();
  semaphores();
  messages();
  queues();
}
