// SPDX-License-Identifier: Apache-2.0
// From the kernel's bytes to an event: golden records, and hostile ones.
#include "syscall/decode.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <random>
#include <string>

#include "event/render-json.h"
#include "event/render-text.h"
#include "fake-kernel.h"
#include "make-record.h"

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
constexpr uint8_t faulted = SWOLL_BLOCK_faulted, truncated = SWOLL_BLOCK_truncated,
                  atExit = SWOLL_BLOCK_at_exit;

template <typename T>
std::string raw(const T& value, size_t size = sizeof(T)) {
  return std::string(reinterpret_cast<const char*>(&value), size);
}

std::string inet(size_t size = sizeof(sockaddr_in)) {
  sockaddr_in sa{};
  sa.sin_family = AF_INET;
  sa.sin_port = htons(443);
  sa.sin_addr.s_addr = htonl(0x0a000001);
  return raw(sa, size);
}

std::string inet6() {
  sockaddr_in6 sa{};
  sa.sin6_family = AF_INET6;
  sa.sin6_port = htons(53);
  sa.sin6_addr.s6_addr[0] = 0xfd, sa.sin6_addr.s6_addr[15] = 1;
  sa.sin6_scope_id = 2;
  return raw(sa);
}

std::string unixAddress(const std::string& path) { return raw(sa_family_t(AF_UNIX)) + path; }
std::string other() { return raw(sa_family_t(AF_NETLINK)) + "\x01\x02"s; }
std::string strange() { return raw(sa_family_t(999)) + "x"; }

std::string cloneArgs(size_t size) {
  uint64_t members[11] = {0x100 | 0x800, 0, 0x1000, 0, 17, 0x2000, 0x3000, 0, 0, 0, 5};
  return raw(members, size);
}

RecordMaker openat() { return RecordMaker("openat").args({cwd, p, O_CLOEXEC, 0}).ret(3); }
RecordMaker execve() { return RecordMaker("execve").args({p, p + 8, p + 16}); }
RecordMaker connect(const std::string& address) {
  return RecordMaker("connect")
      .args({4, p, address.size()})
      .block(1, address, 0, uint32_t(address.size()));
}
RecordMaker accept4() { return RecordMaker("accept4").args({3, p, p + 8, 02000000}); }
RecordMaker read() { return RecordMaker("read").args({3, p, 100}); }
RecordMaker compat(uint32_t number) {
  return RecordMaker(callByNumber(Arch::i386, number), Arch::i386);
}

RecordMaker noreturn(RecordMaker record) {
  record.head().flags = SWOLL_RECORD_noreturn;
  return record;
}

RecordMaker unexecuted(RecordMaker record) {
  record.head().flags |= SWOLL_RECORD_unexecuted;
  return record;
}

// From the call to its result, as `swollctl` prints it.
std::string inText(const RecordMaker& made) {
  auto record = parseRecord(made.data(), made.size());
  if (!record) return "malformed";
  std::string text = renderText(decode(*record, {}));
  size_t from = text.find("] ") + 2;
  return text.substr(from, text.rfind(" <") - from);
}

struct Golden {
  RecordMaker record;
  const char* expected;
};

// Made when the test runs, for the table of calls must be there.
std::vector<Golden> goldens() {
  return {
      {openat().block(1, "/etc/passwd"),
       R"(openat(dirfd=AT_FDCWD, pathname="/etc/passwd", flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().args({5, p, O_WRONLY | O_CREAT, 0644}).block(1, "x").ret(-13),
       R"(openat(dirfd=5, pathname="x", flags=O_WRONLY|O_CREAT, mode=0644) = -1 EACCES (Permission denied))"},
      {openat().block(1, ""),
       R"(openat(dirfd=AT_FDCWD, pathname="", flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().block(1, "/long", truncated, 5000),
       R"(openat(dirfd=AT_FDCWD, pathname="/long"..., flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().block(1, "/half", faulted),  // its second page was not there
       R"(openat(dirfd=AT_FDCWD, pathname="/half"...(faulted), flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().block(1, "", faulted).ret(-14),
       R"(openat(dirfd=AT_FDCWD, pathname=0x7ffe1000(faulted), flags=O_RDONLY|O_CLOEXEC) = -1 EFAULT (Bad address))"},
      {openat(),  // no block at all: it found no room
       R"(openat(dirfd=AT_FDCWD, pathname=0x7ffe1000(faulted), flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().block(1, "", faulted).block(1, "/late", atExit),  // the later block counts
       R"(openat(dirfd=AT_FDCWD, pathname="/late"@exit, flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {openat().args({cwd, 0, 0, 0}).ret(-14),
       R"(openat(dirfd=AT_FDCWD, pathname=NULL, flags=O_RDONLY) = -1 EFAULT (Bad address))"},

      {execve().block(0, "/bin/sh").block(1, "sh\0-c\0\0ls\0"s, 0, 4),
       R"(execve(filename="/bin/sh", argv=["sh", "-c", "", "ls"], envp=0x7ffe1010) = 0)"},
      {execve().block(0, "/bin/sh").block(1, "sh\0-c\0"s, truncated),
       R"(execve(filename="/bin/sh", argv=["sh", "-c", ...], envp=0x7ffe1010) = 0)"},
      {execve().block(0, "/bin/sh").block(1, "sh\0"s, faulted),
       R"(execve(filename="/bin/sh", argv=["sh", ...](faulted), envp=0x7ffe1010) = 0)"},
      {execve().block(0, "/bin/sh").block(1, "", faulted).ret(-14),
       R"(execve(filename="/bin/sh", argv=0x7ffe1008(faulted), envp=0x7ffe1010) = -1 EFAULT (Bad address))"},
      {execve().block(0, "/bin/sh").block(1, "", 0, 0),
       R"(execve(filename="/bin/sh", argv=[], envp=0x7ffe1010) = 0)"},

      {connect(inet()),
       R"(connect(fd=4, uservaddr={family=AF_INET, addr="10.0.0.1", port=443}, addrlen=16) = 0)"},
      {connect(inet6()).ret(-111),
       R"(connect(fd=4, uservaddr={family=AF_INET6, addr="fd00::1", port=53, flowinfo=0, scope_id=2}, addrlen=28) = -1 ECONNREFUSED (Connection refused))"},
      {connect(unixAddress("/run/x.sock\0rest"s)),
       R"(connect(fd=4, uservaddr={family=AF_UNIX, path="/run/x.sock"}, addrlen=18) = 0)"},
      {connect(unixAddress("\0name\0more"s)),
       R"(connect(fd=4, uservaddr={family=AF_UNIX, path="@name\000more"}, addrlen=12) = 0)"},
      {connect(unixAddress("")), R"(connect(fd=4, uservaddr={family=AF_UNIX}, addrlen=2) = 0)"},
      {connect(inet(7)),
       R"(connect(fd=4, uservaddr={family=AF_INET, data="\001\273\n\000\000"}, addrlen=7) = 0)"},
      {connect("\x02"), R"(connect(fd=4, uservaddr=0x7ffe1000, addrlen=1) = 0)"},  // no family
      {connect(other()),
       R"(connect(fd=4, uservaddr={family=AF_NETLINK, data="\001\002"}, addrlen=4) = 0)"},
      {connect(strange()), R"(connect(fd=4, uservaddr={family=0x3e7, data="x"}, addrlen=3) = 0)"},

      {accept4().block(2, raw(128u)).out(1, inet()).out(2, raw(16u)).ret(5),
       R"(accept4(fd=3, upeer_sockaddr={family=AF_INET, addr="10.0.0.1", port=443}, upeer_addrlen=[128]=>[16], flags=SOCK_CLOEXEC) = 5)"},
      {accept4().block(2, raw(128u)).ret(-11),  // wrote nothing, and that is no fault
       R"(accept4(fd=3, upeer_sockaddr=0x7ffe1000, upeer_addrlen=[128], flags=SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable))"},
      {accept4().args({3, 0, 0, 0}).ret(5),
       R"(accept4(fd=3, upeer_sockaddr=NULL, upeer_addrlen=NULL, flags=0) = 5)"},
      {accept4().block(2, "", faulted).out(1, inet()).out(2, "", faulted).ret(5),
       R"(accept4(fd=3, upeer_sockaddr={family=AF_INET, addr="10.0.0.1", port=443}, upeer_addrlen=0x7ffe1008(faulted), flags=SOCK_CLOEXEC) = 5)"},

      {read().out(1, "hello", 0, 5).ret(5), R"(read(fd=3, buf="hello", count=100) = 5)"},
      {read().out(1, "").ret(0), R"(read(fd=3, buf="", count=100) = 0)"},
      {read().ret(-9), R"(read(fd=3, buf=0x7ffe1000, count=100) = -1 EBADF (Bad file descriptor))"},
      {read().out(1, "hel", truncated, 90).ret(90), R"(read(fd=3, buf="hel"..., count=100) = 90)"},
      {read().ret(5), R"(read(fd=3, buf=0x7ffe1000(faulted), count=100) = 5)"},
      {read().args({uint64_t(-1), p, 100}).ret(-512),
       R"(read(fd=-1, buf=0x7ffe1000, count=100) = -1 ERESTARTSYS (To be restarted if SA_RESTART is set))"},

      {RecordMaker("clone3").args({p, 88}).block(0, cloneArgs(88)).ret(71),
       R"(clone3(uargs={flags=CLONE_VM|CLONE_SIGHAND, exit_signal=SIGCHLD, stack=0x2000, stack_size=0x3000, cgroup=5}, size=88) = 71)"},
      {RecordMaker("clone3").args({p, 20}).block(0, cloneArgs(20)).ret(-22),  // whole members only
       R"(clone3(uargs={flags=CLONE_VM|CLONE_SIGHAND}, size=20) = -1 EINVAL (Invalid argument))"},

      {RecordMaker("lseek").args({3, uint64_t(-7), 2}).ret(-22),
       R"(lseek(fd=3, offset=-7, whence=SEEK_END) = -1 EINVAL (Invalid argument))"},
      {RecordMaker("mmap").args({0, 4096, 3, 0x22, uint64_t(-1), 0}).ret(-4096),  // an address
       R"(mmap(addr=NULL, len=4096, prot=PROT_READ|PROT_WRITE, flags=MAP_PRIVATE|MAP_ANONYMOUS, fd=-1, off=0) = 0xfffffffffffff000)"},
      // No child has ended: what is in the buffers is of before.
      {RecordMaker("waitid")
           .args({0, 0, p, 5, p + 256})
           .out(2, std::string(128, '\0'))
           .out(4, std::string(144, 'Z')),
       R"(waitid(which=P_ALL, upid=0, infop={}, options=WNOHANG|WEXITED, ru=0x7ffe1100) = 0)"},
      {RecordMaker("kill").args({1, 9}), R"(kill(pid=1, sig=SIGKILL) = 0)"},
      {unexecuted(RecordMaker("close").args({3}).ret(-1)),
       R"(close(fd=3) = -1 EPERM (Operation not permitted) [not executed])"},
      {unexecuted(noreturn(RecordMaker("close").args({3}).ret(-SWOLL_RESULT_SIGSYS))),
       R"(close(fd=3) = ? SIGSYS (Bad system call) [not executed])"},
      {noreturn(RecordMaker("exit_group").args({uint64_t(-1)})),
       R"(exit_group(error_code=-1) = ?)"},

      {RecordMaker().args({1, 2, 3, 4, 5, 6}).ret(-38),
       R"(unknown(arg0=0x1, arg1=0x2, arg2=0x3, arg3=0x4, arg4=0x5, arg5=0x6) = -1 ENOSYS (Function not implemented))"},
      {compat(295).args({0xffffff9c, p, O_CLOEXEC}).block(1, "/x").ret(3),
       R"(openat[i386](dirfd=AT_FDCWD, pathname="/x", flags=O_RDONLY|O_CLOEXEC) = 3)"},
      {compat(11).args({p, p + 8, 0}).block(0, "/x").block(1, "x\0"s, 0, 1),
       R"(execve[i386](filename="/x", argv=["x"], envp=NULL) = 0)"},
  };
}

void decodesGoldenRecords(void**) {
  static const std::vector<Golden> rows = goldens();
  for (const auto& row : rows) assert_string_equal(keep(inText(row.record)), row.expected);
}

// What stands around the arguments.
std::string header() {
  RecordMaker made = openat().block(1, "/x");
  swoll_record& head = made.head();
  head.pid = 1, head.tid = 2, head.uid = 3, head.gid = 4, head.session = 5;
  for (uint32_t i = 0; i < SWOLL_NS_COUNT; i++) head.ns[i] = 10 + i;
  memcpy(head.comm, "sixteen-letters!", 16);  // without a terminator
  auto record = parseRecord(made.data(), made.size());
  Event e = decode(*record, {.real = 1'700'000'000'000'000'000, .boot = 0});
  std::string text = std::string(e.name) + " " + std::string(e.klass) + " " + std::string(e.group) +
                     " " + std::string(e.arch) + " " + e.comm;
  for (uint64_t n :
       {uint64_t(e.number), uint64_t(e.pid), uint64_t(e.tid), uint64_t(e.uid), uint64_t(e.gid),
        uint64_t(e.session), uint64_t(e.namespaces.pid), uint64_t(e.namespaces.uts),
        uint64_t(e.namespaces.mount), uint64_t(e.namespaces.net), uint64_t(e.namespaces.ipc),
        uint64_t(e.namespaces.user), uint64_t(e.namespaces.cgroup), e.start, e.finish,
        uint64_t(e.time), uint64_t(e.container != nullptr)})
    text += " " + std::to_string(n);
  return text;
}

void decodesTheHeader(void**) {
  assert_string_equal(
      keep(header()),
      "sys_openat FileSystem Files x86_64 sixteen-letters! 257 1 2 3 4 5 10 11 12 13 14 15 "
      "16 1000000 1001500 1700000000001000000 0");
}

// ---- hostile bytes ----

// From memory of just that size, so that ASan sees a read behind it.
bool parses(const RecordMaker& made, size_t size) {
  std::vector<uint64_t> exact((size + 7) / 8);
  if (size) memcpy(exact.data(), made.data(), std::min(size, made.size()));
  auto record = parseRecord(exact.data(), size);
  if (record) renderText(decode(*record, {}));
  return record.has_value();
}

RecordMaker good() { return execve().block(0, "/bin/sh").block(1, "sh\0-c\0"s).ret(-2); }

struct Hostile {
  void (*change)(RecordMaker&);
  bool parses;
};

const Hostile hostiles[] = {
    {[](RecordMaker&) {}, true},
    {[](RecordMaker& r) { r.head().size = 0; }, false},
    {[](RecordMaker& r) { r.head().size = sizeof(swoll_record) - 1; }, false},
    {[](RecordMaker& r) { r.head().size = sizeof(swoll_record); }, true},
    {[](RecordMaker& r) { r.head().size++; }, false},
    {[](RecordMaker& r) { r.head().size = UINT32_MAX; }, false},
    {[](RecordMaker& r) { r.head().size -= 1; }, false},  // in the padding of the last block
    {[](RecordMaker& r) { r.head().size = sizeof(swoll_record) + 7; }, false},
    {[](RecordMaker& r) { r.head().type = SWOLL_MAX_TYPES; }, false},
    {[](RecordMaker& r) { r.head().type = UINT16_MAX; }, false},
    {[](RecordMaker& r) { r.head().type = SWOLL_MAX_CALLS - 1; }, true},  // no row: unknown
    {[](RecordMaker& r) { r.head().type = SWOLL_MAX_TYPES - 1; }, true},  // of another kind
    {[](RecordMaker& r) { r.head().arch = 200; }, true},
    {[](RecordMaker& r) { r.blockAt(0).arg = SWOLL_ARG_RESULT + 1; }, false},
    {[](RecordMaker& r) { r.blockAt(0).arg = 255; }, false},
    {[](RecordMaker& r) { r.blockAt(0).arg = SWOLL_ARG_RESULT; }, true},
    {[](RecordMaker& r) { r.blockAt(0).arg = SWOLL_BLOCK_ARG(0, 31); }, false},
    {[](RecordMaker& r) { r.blockAt(0).length = UINT16_MAX; }, false},
    {[](RecordMaker& r) { r.blockAt(16).length = 9; }, false},
    {[](RecordMaker& r) { r.blockAt(16).length = 8; }, true},
    {[](RecordMaker& r) { r.blockAt(0).full = UINT32_MAX; }, true},
    {[](RecordMaker& r) { r.blockAt(0).flags = 255; }, true},
    {[](RecordMaker& r) { memset(r.head().comm, 255, SWOLL_COMM); }, true},
};

bool survives(const Hostile& row) {
  RecordMaker made = good();
  row.change(made);
  return parses(made, made.size()) == row.parses;
}

void refusesWhatDoesNotFit(void**) {
  for (size_t i = 0; i < std::size(hostiles); i++)
    if (!survives(hostiles[i])) assert_string_equal(keep("row " + std::to_string(i)), "");
}

// Every cut of the bytes that the ring hands over, the record's own size as it was or cut as well.
std::string cuts() {
  std::string wrong;
  RecordMaker made = good();
  for (size_t size = 0; size < made.size(); size++) {
    if (parses(made, size)) wrong += "cut at " + std::to_string(size) + "; ";
    RecordMaker honest = good();
    honest.head().size = uint32_t(size);
    size_t behind = size - sizeof(swoll_record);
    bool whole = behind == 0 || behind == 16;  // between blocks
    if (parses(honest, size) != (size >= sizeof(swoll_record) && whole))
      wrong += "honest cut at " + std::to_string(size) + "; ";
  }
  if (!parses(made, made.size())) wrong += "the whole; ";
  if (!parses(made, made.size() + 8)) wrong += "the ring's rounding; ";
  return wrong;
}

void refusesCutRecords(void**) { assert_string_equal(keep(cuts()), ""); }

bool parsesMisaligned() {
  RecordMaker made = good();
  std::vector<uint64_t> shifted(made.size() / 8 + 1);
  char* at = reinterpret_cast<char*>(shifted.data()) + 1;
  memcpy(at, made.data(), made.size());
  return parseRecord(at, made.size()).has_value();
}

void refusesMisalignedRecords(void**) { assert_false(parsesMisaligned()); }

// Random bytes in a good record, of every call with memory arguments: whatever parses can be shown.
struct Tally {
  size_t parsed, refused, lines;
};

Tally mutate(size_t count) {
  Tally tally{};
  std::mt19937 random(20260101);
  std::vector<RecordMaker> seeds = {good(),
                                    openat().block(1, "/etc/passwd"),
                                    connect(inet6()),
                                    accept4().out(1, inet()).out(2, raw(16u)).ret(5),
                                    read().block(1, "hello").ret(5),
                                    RecordMaker("clone3").args({p, 88}).block(0, cloneArgs(88))};
  for (size_t i = 0; i < count; i++) {
    RecordMaker made = seeds[i % seeds.size()];
    for (size_t n = 1 + random() % 8; n > 0; n--) {
      // Half of them where lengths and numbers are.
      size_t at = random() % 2 ? random() % made.size() : random() % 16;
      if (random() % 4 == 0 && made.size() > sizeof(swoll_record))
        at = sizeof(swoll_record) + random() % (made.size() - sizeof(swoll_record));
      made.bytes()[at] = char(random() % 3 ? random() : 1u << random() % 8);
    }
    auto record = parseRecord(made.data(), made.size());
    if (!record) {
      tally.refused++;
      continue;
    }
    tally.parsed++;
    Event event = decode(*record, {.real = int64_t(random()), .boot = 0});
    std::string json = renderJson({}, event), text = renderText(event, {.types = true});
    bool oneLine = json.find('\n') == json.npos && text.find('\n') == text.npos;
    tally.lines += oneLine && json.starts_with("{\"trace\":[]") && json.ends_with("}}");
  }
  return tally;
}

void survivesRandomBytes(void**) {
  Tally tally = mutate(20'000);
  assert_int_equal(tally.parsed + tally.refused, 20'000);
  assert_int_equal(tally.lines, tally.parsed);
  // Neither is rare, or this tests nothing.
  assert_in_range(tally.parsed, 2'000, 18'000);
}

}  // namespace

int main() {
  setenv("TZ", "UTC", 1);
  const CMUnitTest tests[] = {
      cmocka_unit_test(decodesGoldenRecords),     cmocka_unit_test(decodesTheHeader),
      cmocka_unit_test(refusesWhatDoesNotFit),    cmocka_unit_test(refusesCutRecords),
      cmocka_unit_test(refusesMisalignedRecords), cmocka_unit_test(survivesRandomBytes),
  };
  return cmocka_run_group_tests_name("decode", tests, nullptr, nullptr);
}
