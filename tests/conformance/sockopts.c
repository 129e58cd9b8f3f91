// SPDX-License-Identifier: Apache-2.0
// Options of sockets, by level.
#include "corpus.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

static char out[512];
static socklen_t room;

// Options FIRST to LAST of a level: read whole, short, and set to an int.
static void level(int fd, int level, int first, int last) {
  for (int name = first; name <= last; name++) {
    int one = 1;
    room = sizeof out;
    call(SYS_getsockopt, fd, level, name, out, &room);
    room = 3;
    if (name % 5 == 0) call(SYS_getsockopt, fd, level, name, out, &room);
    call(SYS_setsockopt, fd, level, name, &one, sizeof one);
    if (name % 5 == 1) call(SYS_setsockopt, fd, level, name, &one, 2);
  }
}

int main(int argc, char** argv) {
  begin(argc, argv);
  if (call(SYS_unshare, CLONE_NEWNET) < 0) return 0;
  int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0),
      six = socket(AF_INET6, SOCK_STREAM, 0);
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), packet = socket(AF_PACKET, SOCK_RAW, 0);
  int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return 1;
  level(tcp, SOL_SOCKET, 0, 76);
  level(pair[0], SOL_SOCKET, SO_PASSCRED, SO_PEERCRED);
  level(tcp, IPPROTO_TCP, 1, 40);
  level(tcp, IPPROTO_IP, 0, 51);
  level(six, IPPROTO_IPV6, 1, 80);
  level(udp, IPPROTO_UDP, 1, 2);
  level(udp, IPPROTO_UDP, 100, 104);
  level(raw, 255, 1, 1);
  level(packet, SOL_PACKET, 1, 24);
  level(netlink, SOL_NETLINK, 1, 12);
  level(tcp, 4711, 0, 1);
  level(tcp, -1, -1, -1);

  struct linger linger = {1, 20};
  struct timeval timeout = {3, 500000};
  struct ip_mreq member = {{htonl(0xe0000001)}, {htonl(INADDR_LOOPBACK)}};
  struct ip_mreqn membern = {{htonl(0xe0000002)}, {0}, 1};
  struct ipv6_mreq member6 = {IN6ADDR_LOOPBACK_INIT, 1};
  struct sock_filter code[] = {
      {0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {6, 0, 0, 0xffff}, {6, 0, 0, 0}};
  struct sock_fprog prog = {COUNT(code), code}, wild = {5, WILD};
  struct tpacket_req ring = {4096, 1, 2048, 2};
  struct packet_mreq promisc = {1, PACKET_MR_MULTICAST, 6, {1, 0, 0x5e, 0, 0, 1}};
  const struct {
    int fd, level, name;
    void* value;
    long size;
  } sets[] = {
      {tcp, SOL_SOCKET, SO_LINGER, &linger, sizeof linger},
      {tcp, SOL_SOCKET, SO_LINGER, &linger, 4},
      {tcp, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout},
      {tcp, SOL_SOCKET, SO_SNDTIMEO, WILD, sizeof timeout},
      {udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3},
      {udp, SOL_SOCKET, SO_BINDTODEVICE, "absent" ODD, 12},
      {udp, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog},
      {udp, SOL_SOCKET, SO_ATTACH_FILTER, &wild, sizeof wild},
      {udp, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0},
      {tcp, IPPROTO_TCP, TCP_CONGESTION, "reno", 4},
      {tcp, IPPROTO_TCP, TCP_CONGESTION, "absent", 6},
      {udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member},
      {udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membern, sizeof membern},
      {udp, IPPROTO_IP, IP_DROP_MEMBERSHIP, &member, sizeof member},
      {udp, IPPROTO_IP, IP_MULTICAST_IF, &membern, sizeof membern},
      {udp, IPPROTO_IP, IP_OPTIONS, "\1\1\1\0", 4},
      {six, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &member6, sizeof member6},
      {packet, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring},
      {packet, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof promisc},
      {tcp, SOL_SOCKET, SO_REUSEADDR, NULL, 4},
      {tcp, SOL_SOCKET, SO_REUSEADDR, WILD, 4},
      {tcp, SOL_SOCKET, SO_REUSEADDR, out, -1L},
      {tcp, SOL_SOCKET, SO_REUSEADDR, out, 0},
      {BAD_FD, SOL_SOCKET, SO_KEEPALIVE, out, 4},
      {0, SOL_SOCKET, SO_KEEPALIVE, out, HUGE},
  };
  for (size_t i = 0; i < COUNT(sets); i++)
    call(SYS_setsockopt, sets[i].fd, sets[i].level, sets[i].name, sets[i].value, sets[i].size);
  const int gets[] = {SO_LINGER, SO_RCVTIMEO, SO_BINDTODEVICE, SO_ERROR,
                      SO_TYPE,   SO_PEERCRED, SO_PEERGROUPS,   SO_PEERSEC};
  for (size_t i = 0; i < COUNT(gets); i++) {
    room = i & 1 ? 512 : 8;
    call(SYS_getsockopt, i > 4 ? pair[0] : udp, SOL_SOCKET, gets[i], out, &room);
  }
  room = -1;
  call(SYS_getsockopt, tcp, SOL_SOCKET, SO_TYPE, out, &room);
  call(SYS_getsockopt, tcp, SOL_SOCKET, SO_TYPE, out, NULL);
  room = 4;
  call(SYS_getsockopt, tcp, SOL_SOCKET, SO_TYPE, NULL, &room);
  call(SYS_getsockopt, tcp, SOL_SOCKET, SO_TYPE, WILD, WILD);
  call(SYS_getsockopt, BAD_FD, -1, -1, WILD, WILD);
}
