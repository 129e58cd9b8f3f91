// SPDX-License-Identifier: Apache-2.0
// The first set of calls: a row a call, each call once well and once badly, in an order in which
// later rows use what earlier ones made. Data of syscalls.c, mode "set".
#pragma once

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

// An argument that is a row's earlier result: FROM(n) is slot n, saved by a row with .save = n.
#define FROM(n) (long)(0x5107000000000000UL | (n))
#define IS_FROM(value) (((unsigned long)(value) >> 48) == 0x5107)
#define PTR(p) (long)(p)
#define NO_SLOT 0
enum slot { FILE_OUT = 1, FILE_IN, LISTENER, CLIENT, STRAY, PEER, SLOTS };

struct call {
  const char* name;
  long number;
  long args[6];
  const char* expect;  // JSON of arguments; ' stands for ", $N for the value of slot N
  int save;            // slot for the result
};

static char buffer[64];
static socklen_t addressRoom = sizeof(struct sockaddr_un);
static struct sockaddr_un peerAddress;
static const struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = "sock"};
static const struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "absent-sock"};
// Lengths as a careful program passes them: the family, the path and its end.
#define HERE PTR(&here), offsetof(struct sockaddr_un, sun_path) + sizeof "sock"
#define NOWHERE PTR(&nowhere), offsetof(struct sockaddr_un, sun_path) + sizeof "absent-sock"
#define HERE_JSON "{'family':'AF_UNIX','path':'sock'}"
#define NOWHERE_JSON "{'family':'AF_UNIX','path':'absent-sock'}"
static struct clone_args fork3 = {.exit_signal = SIGCHLD};
static char* const noProgram[] = {"absent-program", "--flag", "two words", NULL};
static char* const noEnvironment[] = {NULL};

// clang-format off
static const struct call firstSet[] = {
  {"getppid", SYS_getppid, {0}, "{}", NO_SLOT},
  {"mkdirat", SYS_mkdirat, {AT_FDCWD, PTR("dir"), 0750},
   "{'dirfd':'AT_FDCWD','pathname':'dir'}", NO_SLOT},
  {"mkdirat", SYS_mkdirat, {AT_FDCWD, PTR("dir"), 0750},
   "{'dirfd':'AT_FDCWD','pathname':'dir'}", NO_SLOT},

  {"openat", SYS_openat, {AT_FDCWD, PTR("file"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640},
   "{'dirfd':'AT_FDCWD','pathname':'file','flags':['O_RDWR','O_CREAT','O_TRUNC','O_CLOEXEC']}",
   FILE_OUT},
  {"openat", SYS_openat, {AT_FDCWD, PTR("absent/file"), O_RDONLY, 0},
   "{'pathname':'absent/file','flags':['O_RDONLY']}", NO_SLOT},
  {"write", SYS_write, {FROM(FILE_OUT), PTR("hello\n"), 6},
   "{'fd':$1,'buf':'hello\\n','count':6}", NO_SLOT},
  {"write", SYS_write, {-1, PTR("lost"), 4}, "{'fd':-1,'buf':'lost','count':4}", NO_SLOT},
#ifdef SYS_open  // newer architectures have openat alone
  {"open", SYS_open, {PTR("file"), O_RDONLY, 0},
   "{'pathname':'file','flags':['O_RDONLY']}", FILE_IN},
  {"open", SYS_open, {PTR("absent"), O_WRONLY | O_APPEND, 0},
   "{'pathname':'absent','flags':['O_WRONLY','O_APPEND']}", NO_SLOT},
#else
  {"openat", SYS_openat, {AT_FDCWD, PTR("file"), O_RDONLY, 0}, "{}", FILE_IN},
#endif
  {"read", SYS_read, {FROM(FILE_IN), PTR(buffer), 16},
   "{'fd':$2,'buf':'hello\\n','count':16}", NO_SLOT},
  {"read", SYS_read, {-1, PTR(buffer), 16}, "{'fd':-1,'count':16}", NO_SLOT},
  {"close", SYS_close, {FROM(FILE_IN)}, "{'fd':$2}", NO_SLOT},
  {"close", SYS_close, {-1}, "{'fd':-1}", NO_SLOT},
  {"renameat2", SYS_renameat2,
   {AT_FDCWD, PTR("file"), AT_FDCWD, PTR("moved"), RENAME_NOREPLACE},
   "{'oldpath':'file','newpath':'moved','flags':['RENAME_NOREPLACE']}", NO_SLOT},
  {"renameat2", SYS_renameat2, {AT_FDCWD, PTR("absent"), AT_FDCWD, PTR("moved"), 0},
   "{'oldpath':'absent','newpath':'moved'}", NO_SLOT},
  {"unlinkat", SYS_unlinkat, {AT_FDCWD, PTR("moved"), 0},
   "{'dirfd':'AT_FDCWD','pathname':'moved'}", NO_SLOT},
  {"unlinkat", SYS_unlinkat, {AT_FDCWD, PTR("dir"), 0}, "{'pathname':'dir'}", NO_SLOT},

  {"socket", SYS_socket, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0},
   "{'family':'AF_UNIX','type':['SOCK_STREAM','SOCK_CLOEXEC'],'protocol':0}", LISTENER},
  {"socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, "{'family':'AF_UNIX'}", CLIENT},
  {"socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, "{'family':'AF_UNIX'}", STRAY},
  {"socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 77},
   "{'family':'AF_UNIX','type':['SOCK_STREAM'],'protocol':77}", NO_SLOT},
  {"bind", SYS_bind, {FROM(LISTENER), HERE},
   "{'fd':$3,'umyaddr':" HERE_JSON ",'addrlen':7}", NO_SLOT},
  {"bind", SYS_bind, {FROM(STRAY), HERE}, "{'fd':$5,'umyaddr':" HERE_JSON "}", NO_SLOT},
  {"listen", SYS_listen, {FROM(LISTENER), 5}, "{'fd':$3,'backlog':5}", NO_SLOT},
  {"listen", SYS_listen, {-1, 5}, "{'fd':-1,'backlog':5}", NO_SLOT},
  {"connect", SYS_connect, {FROM(CLIENT), HERE},
   "{'fd':$4,'uservaddr':" HERE_JSON ",'addrlen':7}", NO_SLOT},
  {"connect", SYS_connect, {FROM(STRAY), NOWHERE},
   "{'fd':$5,'uservaddr':" NOWHERE_JSON "}", NO_SLOT},
  {"accept4", SYS_accept4, {FROM(LISTENER), PTR(&peerAddress), PTR(&addressRoom), SOCK_CLOEXEC},
   "{'fd':$3,'upeer_sockaddr':{'family':'AF_UNIX'},'flags':['SOCK_CLOEXEC']}", PEER},
  {"accept4", SYS_accept4, {-1, 0, 0, SOCK_NONBLOCK}, "{'fd':-1,'flags':['SOCK_NONBLOCK']}",
   NO_SLOT},
  {"sendto", SYS_sendto, {FROM(CLIENT), PTR("ping"), 4, MSG_NOSIGNAL, 0, 0},
   "{'fd':$4,'buff':'ping','len':4,'flags':['MSG_NOSIGNAL']}", NO_SLOT},
  {"sendto", SYS_sendto, {FROM(FILE_OUT), PTR("ping"), 4, MSG_NOSIGNAL, 0, 0},
   "{'fd':$1,'buff':'ping'}", NO_SLOT},
  {"recvfrom", SYS_recvfrom, {FROM(PEER), PTR(buffer), 64, 0, 0, 0},
   "{'fd':$6,'ubuf':'ping','size':64}", NO_SLOT},
  {"recvfrom", SYS_recvfrom, {FROM(PEER), PTR(buffer), 64, MSG_DONTWAIT, 0, 0},
   "{'fd':$6,'flags':['MSG_DONTWAIT']}", NO_SLOT},

  {"clone", SYS_clone, {SIGCHLD, 0, 0, 0, 0}, "{}", NO_SLOT},
  {"clone", SYS_clone, {CLONE_THREAD, 0, 0, 0, 0}, "{}", NO_SLOT},  // lacks CLONE_SIGHAND
  {"clone3", SYS_clone3, {PTR(&fork3), sizeof fork3}, "{}", NO_SLOT},
  {"clone3", SYS_clone3, {PTR(&fork3), 1}, "{'size':1}", NO_SLOT},
  {"execve", SYS_execve, {PTR("absent-program"), PTR(noProgram), PTR(noEnvironment)},
   "{'filename':'absent-program','argv':['absent-program','--flag','two words']}", NO_SLOT},
};
// clang-format on
