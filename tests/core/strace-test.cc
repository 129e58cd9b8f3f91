// SPDX-License-Identifier: Apache-2.0
// Lines in strace's syntax. What is expected here was printed by strace 6.1 itself where it says
// so.
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/escape.h"
#include "keep.h"
#include "syscall/render-strace.h"

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

Argument arg(Value value, Value after = {}) {
  Argument arg;
  arg.name = "a";
  arg.raw = 0x7ffe;
  arg.value = std::move(value);
  arg.after = std::move(after);
  return arg;
}

Argument faulted(Value value, uint64_t raw) {
  Argument marked = arg(std::move(value));
  marked.raw = raw;
  marked.faulted = true;
  return marked;
}

Argument truncated(Value value) {
  Argument marked = arg(std::move(value));
  marked.truncated = true;
  return marked;
}

// Of thread 21685, at 09:40:50.548994, for 7 us.
Event call(std::string_view name, std::vector<Argument> args, int64_t result) {
  Event event;
  event.type = 1, event.number = 500, event.name = name, event.arch = "x86_64";
  event.pid = 1, event.tid = 21685;
  event.args = std::move(args);
  event.result = result;
  event.time = 1'767'346'850'548'994'999;
  event.start = 1'000, event.finish = 8'999;
  return event;
}

// ---- arguments ----

struct ArgumentRow {
  Argument arg;
  const char* expected;
};

// strace's own line for these bytes.
const Argument escapes =
    arg(Bytes{"a\1"s
              "8\1"s
              "7\1"s
              "9\033[m\a\b\t\n\v\f\r\"\\\177\200\377\0"s
              "0"s});

const ArgumentRow argumentRows[] = {
    {arg(Signed{-5}), "-5"},
    {arg(Unsigned{UINT64_MAX}), "18446744073709551615"},
    {arg(Address{0x7ffe0010}), "0x7ffe0010"},
    {arg(Address{0}), "NULL"},
    {arg(Octal{0}), "000"},
    {arg(Octal{07}), "007"},
    {arg(Octal{0644}), "0644"},
    {arg(Octal{01777}), "01777"},
    {arg(Hex{0x26000}), "0x26000"},
    {arg(Hex{0}), "0"},
    {arg(Symbol{"AT_FDCWD"}), "AT_FDCWD"},
    {arg(Flags{{"O_RDONLY", "0x8"}}), "O_RDONLY|0x8"},
    {arg(Flags{}), "0"},
    {arg(Bytes{""}), R"("")"},
    {escapes, R"("a\18\0017\19\33[m\7\10\t\n\v\f\r\"\\\177\200\377\0000")"},
    {arg(Bytes{"gr\303\274>x"}), R"("gr\303\274>x")"},
    {arg(Bytes{"abc\0"s}), R"("abc\0")"},
    {truncated(Bytes{"abc"}), R"("abc"...)"},
    {arg(List{{Bytes{"sh"}, Signed{1}}}), R"(["sh", 1])"},
    {arg(List{}), "[]"},
    {truncated(List{{Bytes{"sh"}}}), R"(["sh", ...])"},
    {arg(Fields{{{"fd", Signed{3}}, {"events", Flags{{"POLLIN"}}}}}), "{fd=3, events=POLLIN}"},
    {truncated(Fields{{{"st_mode", Octal{0644}}}}), "{st_mode=0644, ...}"},
    {arg(Fields{{{"sin_port", Form{{Unsigned{80}}, "htons(80)"}}}}), "{sin_port=htons(80)}"},
    {arg(Form{{List{{Symbol{"SIGINT"}}}}, "[INT]"}), "[INT]"},
    {arg(Pointed{{Unsigned{16}}}), "[16]"},
    {arg(Pointed{{Unsigned{28}}}, Pointed{{Unsigned{16}}}), "[28 => 16]"},
    {arg(Pointed{{Unsigned{28}}}, Unsigned{16}), "[28 => 16]"},
    {arg(Pointed{{Unsigned{16}}}, Pointed{{Unsigned{16}}}), "[16]"},
    {arg(Pointed{}), "[?]"},
    {arg(Fields{{{"x", Signed{1}}}}, Fields{{{"x", Signed{2}}}}), "{x=1} => {x=2}"},
    {arg({}, Signed{2}), "2"},
    {arg({}), "0x7ffe"},
    {faulted({}, 0x1234), "0x1234"},
    {faulted({}, 0), "NULL"},
    {faulted(Bytes{""}, 0x1234), "0x1234"},
    {faulted(Address{0x1234}, 0x1234), "0x1234"},
    {faulted(List{{Signed{1}}}, 0x1234), "[1]"},
};

void writesArguments(void**) {
  for (const auto& row : argumentRows) {
    const char* text = nullptr;
    [&] {
      std::string line = renderStrace(call("sys_a", {row.arg}, 0));
      size_t from = line.find('(') + 1;
      text = keep(line.substr(from, line.rfind(')') - from));
    }();
    assert_string_equal(text, row.expected);
  }
}

// ---- results ----

struct ResultRow {
  int64_t result;
  Value value;
  const char* expected;
};

const ResultRow resultRows[] = {
    {3, {}, "3"},
    {-4096, {}, "-4096"},
    // Lines that strace printed.
    {-2, {}, "-1 ENOENT (No such file or directory)"},
    {-41, {}, "-1 (errno 41)"},
    {-95, {}, "-1 EOPNOTSUPP (Operation not supported)"},
    {-133, {}, "-1 EHWPOISON (Memory page has hardware error)"},
    {-512, {}, "? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
    {-513, {}, "? ERESTARTNOINTR (To be restarted)"},
    {-514, {}, "? ERESTARTNOHAND (To be restarted if no handler)"},
    {-515, {}, "-1 ENOIOCTLCMD (Unknown error 515)"},
    {-516, {}, "? ERESTART_RESTARTBLOCK (Interrupted by signal)"},
    {-524, {}, "-1 ENOTSUPP (Unknown error 524)"},
    {-999, {}, "-1 (errno 999)"},
    {0x8002, Flags{{"O_RDWR", "O_LARGEFILE"}}, "0x8002 (flags O_RDWR|O_LARGEFILE)"},
    {0, Flags{}, "0"},
    {18, Octal{022}, "022"},
    {0x7f00, Address{0x7f00}, "0x7f00"},
    {0, Address{0}, "0"},
    {16, Hex{16}, "0x10"},
    {0, Symbol{"PER_LINUX"}, "0 (PER_LINUX)"},
    {5, Unsigned{5}, "5"},
    {5, Form{{Unsigned{5}}, "five"}, "five"},
    // A call that failed has no value.
    {-2, Address{0xfffffffffffffffe}, "-1 ENOENT (No such file or directory)"},
};

void writesResults(void**) {
  for (const auto& row : resultRows) {
    const char* text = nullptr;
    [&] {
      Event event = call("sys_a", {}, row.result);
      event.resultValue = row.value;
      std::string line = renderStrace(event);
      size_t from = line.find(" = ") + 3;
      text = keep(line.substr(from, line.rfind(" <") - from));
    }();
    assert_string_equal(text, row.expected);
  }
}

// ---- whole lines ----

Event named(std::string_view name) { return call(name, {arg(Signed{3})}, 0); }

struct LineRow {
  Event (*event)();
  const char* expected;
};

const LineRow lineRows[] = {
    // Of strace's own output.
    {[] { return named("sys_close"); }, "21685 09:40:50.548994 close(3)          = 0 <0.000007>"},
    {[] { return call("sys_getpid", {}, 21685); },
     "21685 09:40:50.548994 getpid()          = 21685 <0.000007>"},
    {[] {
       return call("sys_write", {arg(Signed{3}), arg(Bytes{""}), arg(Unsigned{0})}, 0);
     },
     R"(21685 09:40:50.548994 write(3, "", 0)   = 0 <0.000007>)"},
    {[] {
       Event event = call("sys_openat",
                          {arg(Symbol{"AT_FDCWD"}), arg(Bytes{"/etc/ld.so.cache"}),
                           arg(Flags{{"O_RDONLY", "O_CLOEXEC"}})},
                          3);
       event.args[1].target = event.resultTarget = Bytes{"not shown"};
       return event;
     },
     R"(21685 09:40:50.548994 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3 )"
     "<0.000007>"},
    {[] {
       Event event = named("sys_exit_group");
       event.returned = false;
       return event;
     },
     "21685 09:40:50.548994 exit_group(3)     = ?"},
    {[] {
       Event event = call("sys_unknown", {arg(Address{}), arg(Address{})}, -38);
       event.type = 0;
       event.args[0].raw = 1, event.args[1].raw = 0;
       return event;
     },
     "21685 09:40:50.548994 syscall_0x1f4(0x1, 0) = -1 ENOSYS (Function not implemented) "
     "<0.000007>"},
    {[] {
       Event event = named("sys_close");
       event.tid = 4, event.finish = event.start + 12'003'004'999;
       return event;
     },
     "4     09:40:50.548994 close(3)          = 0 <12.003004>"},
    // A longer tid moves the call, not the column.
    {[] {
       Event event = named("close");
       event.tid = 2007495, event.arch = "i386";
       return event;
     },
     "2007495 09:40:50.548994 close(3)        = 0 <0.000007>"},
};

void writesLines(void**) {
  for (const auto& row : lineRows) {
    const char* text = nullptr;
    [&] { text = keep(renderStrace(row.event())); }();
    assert_string_equal(text, row.expected);
  }
}

// Every byte, everywhere that bytes from outside can be.
void keepsLinesHarmless(void**) {
  bool harmless = true;
  [&] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += char(i);
    for (int i = 0x80; i < 0xa0; ++i) bytes += {'\xc2', char(i)};
    Event event = call(bytes, {arg(Bytes{bytes}, Bytes{bytes + 'x'}), arg(Symbol{bytes})}, 0);
    event.args.push_back(arg(List{{Bytes{bytes}, Fields{{{bytes, Flags{{bytes}}}}}}}));
    event.args.push_back(arg(Form{{Bytes{bytes}}, bytes}, Pointed{{Bytes{bytes}}}));
    event.args.push_back(arg(Pointed{{Form{{}, bytes}}}));
    for (Value value : {Value(Flags{{bytes}}), Value(Symbol{bytes}), Value(Form{{}, bytes})}) {
      event.resultValue = value;
      std::string line = renderStrace(event);
      harmless = harmless && line == printable(line) && line.size() > 40;
    }
  }();
  assert_true(harmless);
}

}  // namespace

int main() {
  setenv("TZ", "UTC", 1);
  tzset();
  const CMUnitTest tests[] = {
      cmocka_unit_test(writesArguments),
      cmocka_unit_test(writesResults),
      cmocka_unit_test(writesLines),
      cmocka_unit_test(keepsLinesHarmless),
  };
  return cmocka_run_group_tests_name("strace", tests, nullptr, nullptr);
}
