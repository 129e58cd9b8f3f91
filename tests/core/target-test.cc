// SPDX-License-Identifier: Apache-2.0
// What descriptors stand for and where paths lead: from the kernel's bytes to JSON, and bytes that
// no kernel sends.
#include "syscall/target.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>
#include <random>
#include <string>

#include "event/render-json.h"
#include "fake-kernel.h"
#include "make-record.h"
#include "syscall/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;
using namespace std::string_literals;

constexpr uint64_t cwd = uint64_t(AT_FDCWD), p = 0x7ffe1000;
constexpr uint32_t pidfs = 0x50494446, ext4 = EXT4_SUPER_MAGIC;

template <typename T>
std::string raw(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(T));
}

// Of inode 7 on device 8:1.
std::string file(uint16_t mode, const std::string& components, uint8_t flags = 0,
                 uint32_t magic = ext4) {
  swoll_target head{};
  head.inode = 7;
  head.device = 8 << 20 | 1;
  head.rdev = 1 << 20 | 300;
  head.magic = magic;
  head.mode = mode;
  head.flags = flags;
  return raw(head) + components;
}
std::string pseudo(uint32_t magic, const std::string& name) {
  return file(S_IFREG | 0600, name + '\0', SWOLL_TARGET_pseudo, magic);
}

// Connected from port 0x1234 to 80.
std::string socket(uint16_t family, uint16_t type, uint16_t protocol, const std::string& local,
                   const std::string& peer, uint16_t peerPort = htons(80)) {
  swoll_socket out{};
  out.family = family;
  out.type = type;
  out.protocol = protocol;
  out.local_port = htons(0x1234);
  out.peer_port = peerPort;
  out.interface = 3;
  std::string names;
  if (family == AF_UNIX) {
    out.local_length = uint16_t(local.size());
    out.peer_length = uint16_t(peer.size());
    names = local + peer;
  } else {
    memcpy(out.local, local.data(), local.size());
    memcpy(out.peer, peer.data(), peer.size());
  }
  return file(S_IFSOCK, "", SWOLL_TARGET_socket, SOCKFS_MAGIC) + raw(out) + names;
}

uint8_t at(uint8_t arg, swoll_part part = SWOLL_PART_target) { return SWOLL_BLOCK_ARG(arg, part); }
RecordMaker close(const std::string& target) {
  return RecordMaker("close").args({3}).block(at(0), target);
}
RecordMaker openat(const char* path, uint64_t folder = cwd) {
  return RecordMaker("openat").args({folder, p, 0, 0}).ret(3).block(1, path);
}
RecordMaker chdir(const char* path) { return RecordMaker("chdir").args({p}).block(0, path); }

// The member "targets" of an event's JSON, without its braces; what comes behind it is not here.
std::string targets(const RecordMaker& made) {
  auto record = parseRecord(made.data(), made.size());
  if (!record) return "malformed";
  std::string json = renderJson({}, decode(*record, {}));
  constexpr std::string_view key = "\"targets\":{";
  size_t from = json.find(key);
  if (from == json.npos) return "none";
  from += key.size();
  for (size_t end = from, depth = 1; end < json.size(); end++) {
    depth += json[end] == '{';
    depth -= json[end] == '}';
    if (!depth) return json.substr(from, end - from);
  }
  return "open";
}

struct Golden {
  RecordMaker record;
  std::string expected;
};

void expectAll(const std::vector<Golden>& rows) {
  const char *got = nullptr, *expected = nullptr;
  for (const Golden& row : rows) {
    [&] {
      got = keep(targets(row.record));
      expected = keep(row.expected);
    }();
    assert_string_equal(got, expected);
  }
}

std::string onDisk(const std::string& kind, const std::string& path, const std::string& more = "") {
  return R"("fd":{"kind":")" + kind + R"(","path":")" + path +
         R"(","inode":7,"device":{"major":8,"minor":1})" + more + "}";
}

void showsFiles(void**) {
  constexpr uint8_t deleted = SWOLL_TARGET_deleted, cut = SWOLL_TARGET_cut;
  std::string rdev = R"(,"rdev":{"major":1,"minor":300})";
  expectAll({
      {close(file(S_IFREG | 0644, "passwd\0etc\0"s)), onDisk("file", "/etc/passwd")},
      {close(file(S_IFREG | 0644, "passwd\0etc"s)), onDisk("file", "/etc/passwd")},  // no last NUL
      {close(file(S_IFDIR, "")), onDisk("directory", "/")},
      {close(file(S_IFLNK, "l\0"s)), onDisk("symlink", "/l")},
      {close(file(S_IFIFO, "f\0"s)), onDisk("fifo", "/f")},
      {close(file(S_IFSOCK, "s\0"s)), onDisk("socket", "/s")},  // by O_PATH
      {close(file(S_IFCHR, "tty\0dev\0"s)), onDisk("device", "/dev/tty", rdev)},
      {close(file(S_IFBLK, "sda\0dev\0"s)), onDisk("device", "/dev/sda", rdev)},
      {close(file(S_IFREG, "net\0ns\0"s, 0, NSFS_MAGIC)), onDisk("namespace", "/ns/net")},  // bound
      {close(file(S_IFREG, "x\0tmp\0"s, deleted)), onDisk("file", "/tmp/x (deleted)")},
      {close(file(S_IFREG, "x\0y\0"s, cut)), onDisk("file", ".../y/x", R"(,"truncated":1)")},
      {close(file(S_IFREG, "x\0y\0"s, cut | deleted)),
       onDisk("file", ".../y/x (deleted)", R"(,"truncated":1)")},
      {close(file(S_IFREG, "", SWOLL_TARGET_moving)),
       R"("fd":{"kind":"file","inode":7,"device":{"major":8,"minor":1},"truncated":1})"},
  });
}

void showsWhatHasNoFolder(void**) {
  expectAll({
      {close(pseudo(PIPEFS_MAGIC, "")), onDisk("pipe", "pipe:[7]")},
      {close(pseudo(ANON_INODE_FS_MAGIC, "[eventpoll]")),
       onDisk("anon_inode", "anon_inode:[eventpoll]")},
      {close(pseudo(ANON_INODE_FS_MAGIC, "[pidfd]")), onDisk("pidfd", "anon_inode:[pidfd]")},
      {close(pseudo(pidfs, "/")), onDisk("pidfd", "anon_inode:[pidfd]")},
      {close(pseudo(NSFS_MAGIC, "net")), onDisk("namespace", "net:[7]")},
      {close(pseudo(TMPFS_MAGIC, "memfd:a b")), onDisk("memfd", "/memfd:a b (deleted)")},
      {close(pseudo(HUGETLBFS_MAGIC, "memfd:x")), onDisk("memfd", "/memfd:x (deleted)")},
      {close(pseudo(TMPFS_MAGIC, "SYSV00000001")), onDisk("file", "/SYSV00000001 (deleted)")},
      {close(pseudo(PIPEFS_MAGIC, "%n%i%")), onDisk("pipe", "pipe:[7]")},
  });
}

std::string asSocket(const std::string& more) {
  return R"("fd":{"kind":"socket","inode":7)" + more + "}";
}

void showsSockets(void**) {
  std::string any4(4, 0), any6(16, 0), one4 = "\x7f\0\0\x01"s, one6 = any6, local6 = any6;
  one6[15] = 1;
  local6[0] = char(0xfe), local6[1] = char(0x80), local6[15] = 2;
  std::string unix0 = raw(sa_family_t(AF_UNIX));
  expectAll({
      {close(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, one4, one4)),
       asSocket(R"(,"family":"AF_INET","type":"SOCK_STREAM","protocol":"IPPROTO_TCP",)"
                R"("local":{"family":"AF_INET","addr":"127.0.0.1","port":4660},)"
                R"("peer":{"family":"AF_INET","addr":"127.0.0.1","port":80})")},
      {close(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, any4, any4, 0)),
       asSocket(R"(,"family":"AF_INET","type":"SOCK_DGRAM","protocol":"IPPROTO_UDP",)"
                R"("local":{"family":"AF_INET","addr":"0.0.0.0","port":4660})")},
      {close(socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, local6, one6)),
       asSocket(
           R"(,"family":"AF_INET6","type":"SOCK_STREAM","protocol":"IPPROTO_TCP",)"
           R"("local":{"family":"AF_INET6","addr":"fe80::2","port":4660,"flowinfo":0,"scope_id":3},)"
           R"("peer":{"family":"AF_INET6","addr":"::1","port":80,"flowinfo":0,"scope_id":0})")},
      {close(socket(AF_UNIX, SOCK_STREAM, 0, unix0 + "/run/x\0"s, unix0 + "\0name"s)),
       asSocket(R"(,"family":"AF_UNIX","type":"SOCK_STREAM","protocol":0,)"
                R"("local":{"family":"AF_UNIX","path":"/run/x"},)"
                R"("peer":{"family":"AF_UNIX","path":"@name"})")},
      {close(socket(AF_UNIX, SOCK_DGRAM, 0, "", "")),
       asSocket(R"(,"family":"AF_UNIX","type":"SOCK_DGRAM","protocol":0)")},
      {close(socket(AF_NETLINK, SOCK_RAW, 15, "", "")),
       asSocket(R"(,"family":"AF_NETLINK","type":"SOCK_RAW","protocol":15)")},
      {close(socket(0, 0, 0, "", "")), asSocket("")},
      {close(socket(250, 99, 1, "", "")), asSocket(R"(,"family":250,"type":99,"protocol":1)")},
  });
}

void showsWherePathsLead(void**) {
  std::string base = file(S_IFDIR, "lib\0var\0"s), root = file(S_IFDIR, "");
  std::string cut = file(S_IFDIR, "lib\0"s, SWOLL_TARGET_cut);
  std::string folder = R"({"kind":"directory","path":"/var/lib","inode":7,)"
                       R"("device":{"major":8,"minor":1}})";
  std::string rest = R"("inode":7,"device":{"major":8,"minor":1})";
  constexpr uint8_t truncated = SWOLL_BLOCK_truncated;
  expectAll({
      // The folder's descriptor stands just before the path.
      {openat("a/b", 5).block(at(0), base),
       R"("dirfd":)" + folder + R"(,"pathname":{"kind":"path","path":"/var/lib/a/b"})"},
      {openat("../x").block(at(0), root), R"("dirfd":{"kind":"directory","path":"/",)" + rest +
                                              R"(},"pathname":{"kind":"path","path":"/../x"})"},
      {openat("", 5).block(at(0), base), R"("dirfd":)" + folder},
      {openat("/a"), "none"},
      {openat("a"), "none"},  // the folder is not known
      {openat("a", 5).block(at(0), cut),
       R"("dirfd":{"kind":"directory","path":".../lib",)" + rest +
           R"(,"truncated":1},"pathname":{"kind":"path","path":".../lib/a","truncated":1})"},
      // The working folder.
      {chdir("a").block(at(0, SWOLL_PART_base), base),
       R"("pathname":{"kind":"path","path":"/var/lib/a"})"},
      {chdir("/a").block(at(0, SWOLL_PART_base), base), "none"},  // it was read when the call ended
      {RecordMaker("chdir")
           .args({p})
           .block(0, "a", truncated, 5000)
           .block(at(0, SWOLL_PART_base), base),
       R"("pathname":{"kind":"path","path":"/var/lib/a","truncated":1})"},
      {RecordMaker("chdir")
           .args({p})
           .block(0, "", SWOLL_BLOCK_faulted)
           .block(at(0, SWOLL_PART_base), base),
       "none"},
      // What a symlink holds is no path that is looked up; where the link goes is.
      {RecordMaker("symlinkat").args({p, 5, p}).block(0, "to").block(2, "l").block(at(1), base),
       R"("newdirfd":)" + folder + R"(,"linkpath":{"kind":"path","path":"/var/lib/l"})"},
      // The result.
      {openat("/a").block(at(SWOLL_ARG_RESULT), base), R"("return":)" + folder},
  });
}

void marksEscapedBytes(void**) {
  const char* json = nullptr;
  [&] {
    RecordMaker made = close(file(S_IFREG, "\xff\0"s));
    json = keep(renderJson({}, decode(*parseRecord(made.data(), made.size()), {})));
  }();
  assert_non_null(strstr(json, R"("path":"/\\xff")"));
  assert_non_null(strstr(json, R"("arg_notes":{"fd":{"escaped":true}})"));
}

// Bytes of any length and content: something is shown, or nothing, and nothing is read beyond them.
void survivesHostileBytes(void**) {
  std::mt19937 random(1);
  std::vector<std::string> seeds = {
      file(S_IFREG, "passwd\0etc\0"s), pseudo(NSFS_MAGIC, "net"),
      socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, std::string(16, 1), std::string(16, 2)),
      socket(AF_UNIX, SOCK_STREAM, 0, "\x01\0/run/x"s, "\x01\0\0abc"s)};
  size_t shown = 0, none = 0;
  for (const std::string& seed : seeds) {
    for (size_t size = 0; size <= seed.size(); size++) {
      // On the heap and of that size, for a sanitizer to see.
      std::vector<char> part(seed.begin(), seed.begin() + ptrdiff_t(size));
      bool any = !std::holds_alternative<std::monostate>(targetOf({part.data(), part.size()}));
      (any ? shown : none)++;
    }
    for (int turn = 0; turn < 5'000; turn++) {
      std::vector<char> part(seed.begin(), seed.end());
      for (int n = 0; n < 4; n++) part[random() % part.size()] = char(random());
      part.resize(part.size() - random() % 8);
      std::string json = targets(close({part.data(), part.size()}));
      (json == "none" ? none : shown)++;
    }
  }
  assert_in_range(shown, 10'000, 20'400);
  assert_true(none > 50);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(showsFiles),        cmocka_unit_test(showsWhatHasNoFolder),
      cmocka_unit_test(showsSockets),      cmocka_unit_test(showsWherePathsLead),
      cmocka_unit_test(marksEscapedBytes), cmocka_unit_test(survivesHostileBytes),
  };
  return cmocka_run_group_tests_name("target", tests, nullptr, nullptr);
}
