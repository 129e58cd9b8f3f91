// SPDX-License-Identifier: Apache-2.0
// The journal sink against a datagram socket of the test's own.
#include "sinks/journal-sink.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "event/render-json.h"
#include "tests/core/keep.h"
#include "tests/core/temporary-folder.h"
#include "trace/trace.h"

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

const std::string& folder() {
  static const std::string path = temporaryFolder();
  return path;
}

// journald's end. A resource.
class Journal {
 public:
  explicit Journal(const std::string& path) : path(path) {
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, path.c_str());
    unlink(path.c_str());
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))) abort();
  }
  ~Journal() {
    close(fd);
    unlink(path.c_str());
  }
  // The next entry, also one that came as a file; "none".
  std::string next() {
    static char buffer[1 << 20];
    iovec part{buffer, sizeof(buffer)};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &part, message.msg_iovlen = 1;
    message.msg_control = control, message.msg_controllen = sizeof(control);
    ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return "none";
    if (cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      int file;
      memcpy(&file, CMSG_DATA(header), sizeof(file));
      return ofFile(file);
    }
    return std::string(buffer, size_t(size));
  }
  size_t count() {
    size_t n = 0;
    while (next() != "none") n++;
    return n;
  }

 private:
  static std::string ofFile(int file) {
    constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    std::string text((fcntl(file, F_GET_SEALS) & seals) == seals ? "sealed file: " : "open file: ");
    std::string bytes(size_t(lseek(file, 0, SEEK_END)), '\0');
    if (pread(file, bytes.data(), bytes.size(), 0) != ssize_t(bytes.size())) return "short file";
    close(file);
    return text + bytes;
  }
  std::string path;
  int fd;
};

struct OneEvent final : Delivery {
  Event made;
  std::string line;
  std::vector<std::string_view> names{"t1", "t2"};

  OneEvent() {
    made.name = "sys_openat", made.pid = 70, made.comm = "sh", made.result = -2;
    made.finish = 5'000'000'000;
  }
  const Event& event() override { return made; }
  const std::string& json() override {
    if (line.empty()) line = renderJson(names, made);
    return line;
  }
  std::span<const std::string_view> traceNames() override { return names; }
};

// ---- encoding ----

std::string field(const std::string& value) {
  std::string entry = "A=b\n";
  appendJournalField(entry, "NAME", value);
  return entry;
}

std::string encode() {
  static const struct {
    std::string value, expected;
  } rows[] = {
      {"", "A=b\nNAME=\n"},
      {"x=y", "A=b\nNAME=x=y\n"},
      {"\0\377"s, "A=b\nNAME=\0\377\n"s},
      {"a\nb", "A=b\nNAME\n\3\0\0\0\0\0\0\0a\nb\n"s},
      {std::string(300, '\n'), "A=b\nNAME\n\x2c\1\0\0\0\0\0\0"s + std::string(300, '\n') + "\n"},
  };
  std::string wrong;
  for (const auto& row : rows)
    if (field(row.value) != row.expected) wrong += field(row.value) + "; ";
  return wrong;
}

void encodesFields(void**) { assert_string_equal(keep(encode()), ""); }

std::string entry(bool contained) {
  std::string path = folder() + "/entry";
  Journal journal(path);
  JournalSink sink({.socket = path});
  OneEvent event;
  Container container;
  container.nameSpace = "swoll", container.pod = "web", container.name = "a\nPRIORITY=0";
  if (contained) event.made.container = &container;
  if (sink.accept(event)) return "refused";
  std::string text = journal.next();
  size_t message = text.find('\n');
  if (text.substr(0, message) != "MESSAGE=" + event.json()) return "other message: " + text;
  return text.substr(message + 1);
}

void writesEntries(void**) {
  assert_string_equal(
      keep(entry(false)),
      "PRIORITY=6\nSYSLOG_IDENTIFIER=swolld\nSWOLL_TRACE=t1\nSWOLL_TRACE=t2\n"
      "SWOLL_SYSCALL=sys_openat\nSWOLL_ERROR=ENOENT\nSWOLL_PID=70\nSWOLL_COMM=sh\n");
}

// What a container is called can't add a field.
std::string smuggled() {
  std::string text = entry(true);
  std::string expected = "SWOLL_CONTAINER\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\nSWOLL_SYSCALL"s;
  return text.find(expected) == text.npos ? text : "";
}

void keepsNewlinesInTheirField(void**) { assert_string_equal(keep(smuggled()), ""); }

// ---- when journald does not keep up ----

std::string backlog() {
  std::string path = folder() + "/busy", out;
  Journal journal(path);
  JournalSink sink({.socket = path});
  OneEvent event;
  size_t delivered = 0, skipped = 0;
  for (int i = 0; i < 10000; i++) {
    const LossCause* lost = sink.accept(event);
    delivered += !lost;
    skipped += lost == &JournalSink::skipped;
  }
  if (sink.waiting() != 4096) out += std::to_string(sink.waiting()) + " wait; ";
  if (delivered + skipped != 10000 || !skipped) out += std::to_string(delivered) + " delivered; ";
  if (sink.flush()) out += "flushed to nobody; ";
  if (!sink.ok()) out += "not ok: " + sink.detail() + "; ";
  // It reads again: all that was taken arrives, and no more.
  size_t arrived = 0;
  for (int i = 0; i < 10000 && !sink.flush(); i++) arrived += journal.count();
  arrived += journal.count();
  if (arrived != delivered)
    out += std::to_string(arrived) + " of " + std::to_string(delivered) + "; ";
  if (sink.accept(event) || journal.count() != 1) out += "does not go on; ";
  std::string expected = path + ", " + std::to_string(delivered + 1) + " written, 0 waiting, " +
                         std::to_string(skipped) + " refused";
  return out + (sink.detail() == expected ? "" : sink.detail());
}

void queuesUpToABound(void**) { assert_string_equal(keep(backlog()), ""); }

std::string absent() {
  std::string path = folder() + "/absent", out;
  JournalSink sink({.socket = path});
  OneEvent event;
  auto say = [&] {
    out += !sink.accept(event) ? "delivered" : "skipped";
    out += sink.ok() ? " ok; " : " " + sink.detail() + "; ";
  };
  say();
  {
    Journal journal(path);
    say();
    out += std::to_string(journal.count()) + "; ";
  }
  say();
  Journal restarted(path);  // a new socket under the same name
  say();
  out += std::to_string(restarted.count());
  for (size_t at; (at = out.find(path)) != out.npos;) out.replace(at, path.size(), "PATH");
  return out;
}

void findsAJournalThatComesBack(void**) {
  assert_string_equal(
      keep(absent()),
      "skipped connecting to PATH: No such file or directory; retrying, 0 written, 0 waiting, "
      "1 refused; delivered ok; 1; skipped connecting to PATH: No such file or directory; "
      "retrying, 1 written, 0 waiting, 2 refused; delivered ok; 1");
}

// The queue outlives a restart.
std::string restart() {
  std::string path = folder() + "/restart";
  auto journal = std::make_unique<Journal>(path);
  JournalSink sink({.socket = path});
  OneEvent event;
  size_t sent = 0;
  while (!sink.waiting()) sink.accept(event), sent++;
  journal.reset();
  if (sink.flush()) return "flushed to nobody";
  Journal again(path);
  return sink.flush() && again.count() == 1 ? "" : sink.detail();
}

void keepsItsQueueOverARestart(void**) { assert_string_equal(keep(restart()), ""); }

std::string limit() {
  std::string path = folder() + "/limit", out;
  Journal journal(path);
  JournalSink sink({.eventsPerSecond = 3, .socket = path});
  for (uint64_t time :
       {1'000'000'000, 1'100'000'000, 1'200'000'000, 1'999'999'999, 2'000'000'000}) {
    OneEvent event;
    event.made.finish = time;
    out += !sink.accept(event) ? "y" : "n";
  }
  sink.reconfigure(true, 0);
  for (int i = 0; i < 5; i++) {
    OneEvent event;
    out += !sink.accept(event) ? "y" : "n";
  }
  return out + std::to_string(journal.count());
}

void keepsTheLimit(void**) { assert_string_equal(keep(limit()), "yyynyyyyyy9"); }

std::string follows() {
  std::string out;
  JournalSink sink({.socket = folder() + "/none"});
  for (bool journal : {true, false}) {
    TraceSpec spec;
    spec.name = "t", spec.syscalls = {"openat"}, spec.journal = journal;
    Trace trace(1, *CompiledTrace::compile(spec), 0);
    out += sink.follows(trace) ? "y" : "n";
    sink.reconfigure(false, 0);
    out += sink.follows(trace) ? "y" : "n";
    sink.reconfigure(true, 0);
  }
  sink.reconfigure(false, 0);
  return out + " " + sink.detail();
}

void followsWhoWantsIt(void**) { assert_string_equal(keep(follows()), "ynnn off"); }

// ---- entries that fit no datagram ----

std::string large() {
  std::string path = folder() + "/large", out;
  auto journal = std::make_unique<Journal>(path);
  JournalSocket socket(path);
  std::string entry = "MESSAGE=" + std::string(40 << 20, 'x') + "\n";
  auto send = [&] {
    auto sent = socket.send(entry);
    out += sent == JournalSocket::Sent::yes    ? "yes "
           : sent == JournalSocket::Sent::busy ? "busy "
                                               : "failed ";
  };
  send();
  out += journal->next() == "sealed file: " + entry ? "whole; " : "not whole; ";
  // The journal goes and comes back.
  journal.reset();
  send();
  out += socket.problem().empty() ? "no problem; " : "";
  journal = std::make_unique<Journal>(path);
  send();
  out += journal->next() == "sealed file: " + entry ? "whole" : "not whole";
  return out + (socket.problem().empty() ? "" : socket.problem());
}

void sendsLargeEntriesAsFiles(void**) {
  assert_string_equal(keep(large()), "yes whole; failed yes whole");
}

int removeFolder(void**) {
  std::filesystem::remove_all(folder());
  return 0;
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(encodesFields),
      cmocka_unit_test(writesEntries),
      cmocka_unit_test(keepsNewlinesInTheirField),
      cmocka_unit_test(queuesUpToABound),
      cmocka_unit_test(findsAJournalThatComesBack),
      cmocka_unit_test(keepsItsQueueOverARestart),
      cmocka_unit_test(keepsTheLimit),
      cmocka_unit_test(followsWhoWantsIt),
      cmocka_unit_test(sendsLargeEntriesAsFiles),
  };
  return cmocka_run_group_tests_name("journal", tests, nullptr, removeFolder);
}
