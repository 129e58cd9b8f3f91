// SPDX-License-Identifier: Apache-2.0
// Sockets of many families, in a network namespace of its own: made, named, connected, read,
// written.
#include "corpus.h"

#include <arpa/inet.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in in4 = {.sin_family = AF_INET};
static struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
static char in[256];
static struct sockaddr_storage from;
static socklen_t room;

static socklen_t* whole(void) {
  room = sizeof from;
  return &room;
}
static socklen_t* part(socklen_t length) {
  room = length;
  return &room;
}

static void makes(void) {
  const int families[] = {AF_UNIX, AF_INET,      AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK,
                          AF_ALG,  AF_BLUETOOTH, 45,       99,         -1};
  const int types[] = {SOCK_STREAM,
                       SOCK_DGRAM | SOCK_CLOEXEC,
                       SOCK_RAW | SOCK_NONBLOCK,
                       SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
                       9 | SOCK_CLOEXEC,
                       -1};
  const int protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, 58, 132, 255, 4711, -1};
  int pair[2];
  for (size_t i = 0; i < COUNT(families); i++)
    for (size_t j = 0; j < COUNT(types); j++) close(call(SYS_socket, families[i], types[j], 0));
  for (size_t i = 0; i < COUNT(protocols); i++) {
    close(call(SYS_socket, AF_INET, SOCK_RAW, protocols[i]));
    close(call(SYS_socket, AF_INET6, SOCK_DGRAM, protocols[i]));
    close(call(SYS_socket, AF_NETLINK, SOCK_RAW, protocols[i]));
    close(call(SYS_socket, AF_PACKET, SOCK_RAW, i ? htons(protocols[i]) : htons(3)));
  }
  call(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
  call(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
  call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, NULL);
  call(SYS_socketpair, AF_INET, SOCK_STREAM, 0, pair);
  call(SYS_socketpair, -1, -1, -1, WILD);
}

// All that two ends of a connection do.
static void streams(int family, const void* address, socklen_t length) {
  int listener = call(SYS_socket, family, SOCK_STREAM, 0);
  int client = call(SYS_socket, family, SOCK_STREAM, 0);
  call(SYS_bind, listener, address, length);
  call(SYS_listen, listener, 5);
  fcntl(listener, F_SETFL, O_NONBLOCK);  // where a connection failed, none is waited for
  getsockname(listener, (struct sockaddr*)&from, whole());
  struct sockaddr_storage name = from;
  call(SYS_getsockname, listener, &from, whole());
  call(SYS_connect, client, &name, room);
  int server = call(SYS_accept4, listener, &from, whole(), SOCK_CLOEXEC);
  call(SYS_getpeername, client, &from, whole());
  call(SYS_getpeername, server, &from, part(3));
  call(SYS_getpeername, listener, &from, whole());
  call(SYS_getsockname, server, &from, part(0));
  call(SYS_sendto, client, "text " ODD, 12, MSG_NOSIGNAL | MSG_MORE, NULL, 0);
  call(SYS_sendto, client, "urgent", 6, MSG_DONTWAIT | MSG_EOR, NULL, 0);
  call(SYS_recvfrom, server, in, 4, MSG_PEEK, NULL, NULL);
  call(SYS_recvfrom, server, in, 100, MSG_WAITALL | MSG_DONTWAIT, &from, whole());
  call(SYS_recvfrom, server, in, 100, MSG_DONTWAIT | MSG_TRUNC, &from, whole());
  call(SYS_recvfrom, server, in, 100, MSG_ERRQUEUE | MSG_OOB, &from, whole());
  call(SYS_shutdown, client, SHUT_WR);
  call(SYS_recvfrom, server, in, 100, 0, &from, part(1000));
  call(SYS_shutdown, server, SHUT_RDWR);
  call(SYS_shutdown, listener, 99);
  call(SYS_sendto, client, "late", 4, MSG_NOSIGNAL, NULL, 0);
  close(client);
  client = call(SYS_socket, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  call(SYS_connect, client, &name, length);
  close(call(SYS_accept, listener, &from, whole()));
  call(SYS_accept, listener, NULL, NULL);
  call(SYS_accept4, listener, &from, WILD, SOCK_NONBLOCK);
  call(SYS_accept4, listener, WILD, whole(), -1);
  close(client), close(server), close(listener);
  client = call(SYS_socket, family, SOCK_STREAM, 0);
  call(SYS_connect, client, &name, length);
  call(SYS_connect, client, &name, 1);
  call(SYS_connect, client, WILD, length);
  call(SYS_connect, client, NULL, 0);
  call(SYS_bind, client, &name, -1);
  close(client);
}

static void datagrams(int family, const void* address, socklen_t length) {
  int a = call(SYS_socket, family, SOCK_DGRAM, 0), b = call(SYS_socket, family, SOCK_DGRAM, 0);
  call(SYS_bind, a, address, length);
  getsockname(a, (struct sockaddr*)&from, whole());
  struct sockaddr_storage name = from;
  socklen_t size = room;
  call(SYS_sendto, b, "datagram", 8, 0, &name, size);
  call(SYS_sendto, b, "", 0, MSG_CONFIRM | MSG_DONTROUTE, &name, size);
  call(SYS_sendto, b, WILD, 5, 0, &name, size);
  call(SYS_sendto, b, "x", 1, 0x7f00ffff, WILD, size);
  call(SYS_recvfrom, a, in, sizeof in, MSG_DONTWAIT, &from, whole());
  call(SYS_recvfrom, a, in, sizeof in, MSG_DONTWAIT, &from, part(5));
  call(SYS_recvfrom, a, NULL, 0, MSG_DONTWAIT, WILD, WILD);
  close(a), close(b);
}

static void unixes(void) {
  struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "socket"},
                     abstract = {.sun_family = AF_UNIX};
  struct sockaddr_un odd = {.sun_family = AF_UNIX, .sun_path = ODD}, full = {.sun_family = AF_UNIX};
  memset(full.sun_path, 'p', sizeof full.sun_path);
  memcpy(abstract.sun_path, "\0hidden\0name\377", 13);
  streams(AF_UNIX, &path, sizeof path);
  streams(AF_UNIX, &abstract, offsetof(struct sockaddr_un, sun_path) + 13);
  streams(AF_UNIX, &odd, offsetof(struct sockaddr_un, sun_path) + sizeof ODD);
  streams(AF_UNIX, &path, 2);  // the kernel chooses a name
  datagrams(AF_UNIX, &full, sizeof full);
  int fd = call(SYS_socket, AF_UNIX, SOCK_DGRAM, 0);
  call(SYS_connect, fd, &full, sizeof full - 10);
  call(SYS_connect, fd, &path, 5);
  call(SYS_connect, fd, &path, 111);
  close(fd);
}

static void others(void) {
  struct sockaddr_nl netlink = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  struct sockaddr_ll packet = {.sll_family = AF_PACKET,
                               .sll_protocol = htons(3),
                               .sll_ifindex = 1,
                               .sll_halen = 6,
                               .sll_addr = {1, 2, 3, 4, 5, 6}};
  struct sockaddr_vm vm = {.svm_family = AF_VSOCK, .svm_port = 1234, .svm_cid = VMADDR_CID_ANY};
  struct sockaddr_alg alg = {.salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256"};
  struct {
    struct nlmsghdr header;
    struct rtgenmsg body;
  } dump = {{sizeof dump, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 7, 0}, {AF_UNSPEC}},
    bad = {{sizeof bad, 0x4711, 0xffff, 8, 9}, {AF_INET}};
  int fd = call(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  call(SYS_bind, fd, &netlink, sizeof netlink);
  call(SYS_getsockname, fd, &from, whole());
  netlink.nl_groups = 0;
  call(SYS_sendto, fd, &dump, sizeof dump, 0, &netlink, sizeof netlink);
  static char answer[16384];
  call(SYS_recvfrom, fd, answer, sizeof answer, 0, &from, whole());
  call(SYS_recvfrom, fd, answer, sizeof answer, MSG_DONTWAIT, &from, whole());
  call(SYS_sendto, fd, &bad, sizeof bad, 0, NULL, 0);
  call(SYS_recvfrom, fd, answer, sizeof answer, MSG_DONTWAIT, &from, whole());
  close(fd);
  fd = call(SYS_socket, AF_PACKET, SOCK_RAW, htons(3));
  call(SYS_bind, fd, &packet, sizeof packet);
  call(SYS_getsockname, fd, &from, whole());
  call(SYS_connect, fd, &packet, 12);
  close(fd);
  fd = call(SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
  call(SYS_bind, fd, &vm, sizeof vm);
  call(SYS_getsockname, fd, &from, whole());
  vm.svm_cid = VMADDR_CID_LOCAL;
  vm.svm_family = AF_VSOCK;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  call(SYS_connect, fd, &vm, sizeof vm);
  close(fd);
  fd = call(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0);
  call(SYS_bind, fd, &alg, sizeof alg);
  close(call(SYS_accept, fd, NULL, NULL));
  close(fd);
  struct sockaddr unspec = {.sa_family = AF_UNSPEC},
                  unknown = {.sa_family = 77, .sa_data = "any data"};
  fd = call(SYS_socket, AF_INET, SOCK_DGRAM, 0);
  call(SYS_connect, fd, &unspec, sizeof unspec);
  call(SYS_connect, fd, &unknown, sizeof unknown);
  call(SYS_connect, fd, &unknown, 200);
  close(fd);
  call(SYS_bind, BAD_FD, &unspec, 16);
  call(SYS_listen, BAD_FD, -1);
  call(SYS_accept, BAD_FD, WILD, WILD);
  call(SYS_accept4, 0, NULL, NULL, 0);
  call(SYS_getsockname, 0, &from, whole());
  call(SYS_getpeername, BAD_FD, NULL, NULL);
  call(SYS_shutdown, BAD_FD, SHUT_RD);
  call(SYS_sendto, BAD_FD, NULL, HUGE, -1, NULL, -1);
  call(SYS_recvfrom, BAD_FD, WILD, 7, 0, WILD, WILD);
}

static void interfaces(void) {
  struct ifreq request = {.ifr_name = "lo"};
  char list[512];
  struct ifconf conf = {.ifc_len = sizeof list, .ifc_buf = list};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  call(SYS_ioctl, fd, SIOCGIFFLAGS, &request);
  request.ifr_flags |= IFF_UP;
  call(SYS_ioctl, fd, SIOCSIFFLAGS, &request);
  call(SYS_ioctl, fd, SIOCGIFCONF, &conf);
  const int gets[] = {SIOCGIFINDEX, SIOCGIFADDR,   SIOCGIFNETMASK,
                      SIOCGIFMTU,   SIOCGIFHWADDR, SIOCGIFTXQLEN};
  for (size_t i = 0; i < COUNT(gets); i++) call(SYS_ioctl, fd, gets[i], &request);
  strcpy(request.ifr_name, "absent0");
  call(SYS_ioctl, fd, SIOCGIFINDEX, &request);
  call(SYS_ioctl, fd, SIOCGIFINDEX, WILD);
  close(fd);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  if (call(SYS_unshare, CLONE_NEWNET) < 0) return 0;
  interfaces();
  makes();
  in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  in6.sin6_addr = in6addr_loopback;
  in6.sin6_flowinfo = htonl(0x12345);
  streams(AF_INET, &in4, sizeof in4);
  streams(AF_INET6, &in6, sizeof in6);
  datagrams(AF_INET, &in4, sizeof in4);
  in6.sin6_scope_id = 1;
  inet_pton(AF_INET6, "fe80::1:2", &in6.sin6_addr);
  datagrams(AF_INET6, &in6, sizeof in6);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
  datagrams(AF_INET6, &in6, sizeof in6);
  unixes();
  others();
}
