// SPDX-License-Identifier: Apache-2.0
// Messages of many parts, with what is sent beside them.
#include "corpus.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static char in[200], control[256] __attribute__((aligned(8)));
static struct iovec parts[] = {{"one ", 4}, {ODD, sizeof ODD}, {"", 0}, {NULL, 0}};
static struct iovec into[] = {{in, 3}, {in + 10, 100}};

// Adds a control message to those in `control`; returns the length of all.
static size_t beside(size_t at, int level, int type, const void* data, size_t size) {
  struct cmsghdr* header = (struct cmsghdr*)(control + at);
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
  memcpy(CMSG_DATA(header), data, size);
  return at + CMSG_SPACE(size);
}

static struct msghdr outward(size_t length) {
  return (struct msghdr){.msg_iov = parts,
                         .msg_iovlen = 2,
                         .msg_control = length ? control : NULL,
                         .msg_controllen = length};
}
static struct msghdr inward(void* name, socklen_t nameRoom, size_t room) {
  memset(control, 0, sizeof control);
  return (struct msghdr){name, nameRoom, into, COUNT(into), control, room, 0x55};
}

static void unixes(int type) {
  int pair[2], on = 1, fds[3] = {0, 1, 2};
  struct ucred me = {getpid(), getuid(), getgid()}, notMe = {1, 77, -1};
  struct sockaddr_un from;
  if (socketpair(AF_UNIX, type, 0, pair) < 0) exit(1);
  struct msghdr out = outward(0), back;
  call(SYS_sendmsg, pair[0], &out, 0);
  back = inward(NULL, 0, 0);
  call(SYS_recvmsg, pair[1], &back, 0);
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  setsockopt(pair[1], SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
  size_t length = beside(0, SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds);
  length = beside(length, SOL_SOCKET, SCM_CREDENTIALS, &me, sizeof me);
  out = outward(length);
  call(SYS_sendmsg, pair[0], &out, MSG_NOSIGNAL);
  call(SYS_sendmsg, pair[0], &out, MSG_DONTWAIT);
  back = inward(&from, sizeof from, sizeof control);
  call(SYS_recvmsg, pair[1], &back, MSG_CMSG_CLOEXEC);
  back = inward(&from, 3, 40);
  call(SYS_recvmsg, pair[1], &back, MSG_DONTWAIT | MSG_TRUNC);
  back = inward(&from, sizeof from, sizeof control);
  call(SYS_recvmsg, pair[1], &back, MSG_DONTWAIT);
  out = outward(beside(0, SOL_SOCKET, SCM_CREDENTIALS, &notMe, sizeof notMe));
  call(SYS_sendmsg, pair[0], &out, 0);
  fds[1] = 12345;
  out = outward(beside(0, SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds));
  call(SYS_sendmsg, pair[0], &out, 0);
  out = outward(beside(0, SOL_SOCKET, 77, "any bytes", 9));
  call(SYS_sendmsg, pair[0], &out, 0);
  out.msg_controllen = 7;
  call(SYS_sendmsg, pair[0], &out, 0);
  ((struct cmsghdr*)control)->cmsg_len = 3;
  out.msg_controllen = 64;
  call(SYS_sendmsg, pair[0], &out, 0);
  out.msg_control = WILD;
  call(SYS_sendmsg, pair[0], &out, 0);
  out = (struct msghdr){.msg_name = WILD, .msg_namelen = 16, .msg_iov = WILD, .msg_iovlen = 2};
  call(SYS_sendmsg, pair[0], &out, 0);
  call(SYS_recvmsg, pair[0], &out, MSG_DONTWAIT);
  out.msg_iovlen = -1UL;
  call(SYS_sendmsg, pair[0], &out, MSG_OOB);
  call(SYS_sendmsg, pair[0], NULL, 0);
  call(SYS_sendmsg, BAD_FD, WILD, -1);
  call(SYS_recvmsg, pair[0], WILD, MSG_DONTWAIT);
  call(SYS_recvmsg, BAD_FD, NULL, 0);
  close(pair[0]);
  close(pair[1]);
}

static void inets(void) {
  int on = 1, a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from;
  struct in_pktinfo info = {.ipi_ifindex = 1, .ipi_spec_dst = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof name;
  if (bind(a, (struct sockaddr*)&name, size) < 0) return;
  getsockname(a, (struct sockaddr*)&name, &size);
  const int options[] = {IP_PKTINFO, IP_RECVTTL,  IP_RECVTOS,
                         IP_RECVERR, IP_RECVOPTS, IP_RECVORIGDSTADDR};
  for (size_t i = 0; i < COUNT(options); i++) setsockopt(a, IPPROTO_IP, options[i], &on, sizeof on);
  setsockopt(a, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  size_t length = beside(0, IPPROTO_IP, IP_TTL, &(int){33}, sizeof(int));
  length = beside(length, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  struct msghdr out = outward(length), back;
  out.msg_name = &name;
  out.msg_namelen = size;
  call(SYS_sendmsg, b, &out, 0);
  back = inward(&from, sizeof from, sizeof control);
  call(SYS_recvmsg, a, &back, MSG_DONTWAIT);
  back = inward(&from, sizeof from, sizeof control);
  call(SYS_recvmsg, a, &back, MSG_ERRQUEUE | MSG_DONTWAIT);

  struct mmsghdr many[3] = {
      {outward(0), 77}, {outward(0), 0}, {{.msg_iov = parts + 1, .msg_iovlen = 1}, 0}};
  for (size_t i = 0; i < COUNT(many); i++)
    many[i].msg_hdr.msg_name = &name, many[i].msg_hdr.msg_namelen = size;
  call(SYS_sendmmsg, b, many, 3, MSG_DONTWAIT);
  many[1].msg_hdr.msg_iov = WILD;
  call(SYS_sendmmsg, b, many, 3, 0);
  call(SYS_sendmmsg, BAD_FD, many, 2, 0);
  call(SYS_sendmmsg, b, WILD, 2, 0);
  call(SYS_sendmmsg, b, NULL, 0, -1);
  char bytes[3][20];
  struct iovec room[3] = {{bytes[0], 20}, {bytes[1], 3}, {bytes[2], 20}};
  struct sockaddr_in names[3];
  struct timespec wait = {0, 1000000}, wrong = {-1, 0};
  for (size_t i = 0; i < COUNT(many); i++)
    many[i] = (struct mmsghdr){
        {.msg_name = &names[i], .msg_namelen = sizeof *names, .msg_iov = &room[i], .msg_iovlen = 1},
        9};
  call(SYS_recvmmsg, a, many, 3, MSG_DONTWAIT, &wait);
  call(SYS_recvmmsg, a, many, 3, MSG_DONTWAIT | MSG_WAITFORONE, NULL);
  call(SYS_recvmmsg, a, many, 3, MSG_DONTWAIT, NULL);
  call(SYS_recvmmsg, a, many, 1, 0, &wrong);
  call(SYS_recvmmsg, BAD_FD, many, 2, 0, &wait);
  call(SYS_recvmmsg, a, WILD, -1, -1, WILD);
  close(a), close(b);
}

static void sixes(void) {
  int on = 1, a = socket(AF_INET6, SOCK_DGRAM, 0), b = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, from;
  socklen_t size = sizeof name;
  if (bind(a, (struct sockaddr*)&name, size) < 0) return;
  getsockname(a, (struct sockaddr*)&name, &size);
  setsockopt(a, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  setsockopt(a, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
  struct msghdr out = outward(beside(0, IPPROTO_IPV6, IPV6_HOPLIMIT, &(int){7}, sizeof(int))), back;
  out.msg_name = &name;
  out.msg_namelen = size;
  call(SYS_sendmsg, b, &out, 0);
  back = inward(&from, sizeof from, sizeof control);
  call(SYS_recvmsg, a, &back, MSG_DONTWAIT);
  close(a), close(b);
}

static void loopback(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  // struct ifreq, whose header does not go together with linux/errqueue.h on all systems.
  struct {
    char name[16];
    short flags;
    char rest[24];
  } request = {"lo", 1 /* IFF_UP */, ""};
  call(SYS_ioctl, fd, 0x8914 /* SIOCSIFFLAGS */, &request);
  close(fd);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  unixes(SOCK_STREAM);
  unixes(SOCK_DGRAM);
  if (call(SYS_unshare, CLONE_NEWNET) < 0) return 0;
  loopback();
  inets();
  sixes();
}
