// SPDX-License-Identifier: Apache-2.0
// How values, events and numbers are written: names, text helpers, the JSON line, the text line.
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "base/time-text.h"
#include "event/names.h"
#include "event/render-json.h"
#include "event/render-text.h"
#include "event/target-text.h"
#include "keep.h"

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

// ---- text helpers ----

void findsNearest(void**) {
  static const std::string_view known[] = {"openat", "open", "close", "connect", "ENOENT"};
  static const struct {
    const char *word, *expected;
  } rows[] = {
      {"opennat", "openat"},
      {"opne", "open"},
      {"OPENAT", "openat"},
      {"enonet", "ENOENT"},
      {"conect", "connect"},
      {"zzz", ""},
      {"", ""},
      {"xy", ""},
      {"open", "open"},
  };
  for (const auto& row : rows) {
    assert_string_equal(keep(nearest(row.word, known)), row.expected);
  }
  assert_string_equal(keep(nearest(std::string(100'000, 'o'), known)), "");
}

void splitsAndJoins(void**) {
  static const struct {
    const char *list, *expected;
  } rows[] = {{"a,b", "a|b"}, {" a , b c ,,", "a|b c"}, {"", ""}, {",", ""}, {"a", "a"}};
  for (const auto& row : rows) {
    assert_string_equal(keep(join(split(row.list, ','), "|")), row.expected);
  }
}

void parsesDurations(void**) {
  static const struct {
    const char* text;
    uint64_t ns;
  } rows[] = {
      {"1ms", 1'000'000}, {"5m", 300'000'000'000},    {"1.5s", 1'500'000'000},   {"100us", 100'000},
      {"0.1us", 100},     {"2h", 7'200'000'000'000},  {"1m30s", 90'000'000'000}, {"7ns", 7},
      {"0s", 0},          {"1d", 86'400'000'000'000},
  };
  for (const auto& row : rows) {
    assert_int_equal(parseDuration(row.text).value_or(UINT64_MAX), row.ns);
  }
  for (const char* none : {"5", "", "s", "-1s", "1x", "1 s", "1s ", "1e3s", "infs", "nans", "1s5",
                           ".5s", "300y", "999999999d"}) {
    assert_false(parseDuration(none).has_value());
  }
}

void formatsDurations(void**) {
  static const struct {
    uint64_t ns;
    const char* expected;
  } rows[] = {
      {0, "0ns"},
      {850, "850ns"},
      {12'300, "12.3us"},
      {999'999, "999.9us"},
      {1'200'000, "1.2ms"},
      {3'400'000'000, "3.4s"},
      {2'000'000'000, "2s"},
      {59'999'999'999, "59.9s"},
      {312'000'000'000, "5m12s"},
      {7'500'000'000'000, "2h5m"},
      {266'400'000'000'000, "3d2h"},
      {UINT64_MAX, "213503d23h"},
  };
  for (const auto& row : rows) assert_string_equal(keep(formatDuration(row.ns)), row.expected);
}

struct BytesRow {
  std::string bytes;
  bool utf8;
  const char *quoted, *json;
};

const BytesRow bytesRows[] = {
    {"plain text", true, "plain text", "plain text"},
    {"a\nb\t\"\\", true, R"(a\nb\t\"\\)", "a\nb\t\"\\\\"},
    {"\0011"s, true, R"(\0011)", "\0011"},
    {"\377x", false, R"(\377x)", R"(\xffx)"},
    {"\\\377", false, R"(\\\377)", R"(\\\xff)"},
    {"gr\xc3\xbc\xc3\x9f", true, "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"cut \xc3", false, R"(cut \303)", R"(cut \xc3)"},
    {"long \xc0\xaf", false, R"(long \300\257)", R"(long \xc0\xaf)"},              // overlong '/'
    {"half \xed\xa0\x80", false, R"(half \355\240\200)", R"(half \xed\xa0\x80)"},  // a surrogate
    {"far \xf4\x90\x80\x80", false, R"(far \364\220\200\200)", R"(far \xf4\x90\x80\x80)"},
    {"\xf0\x9f\x90\xb3", true, "\xf0\x9f\x90\xb3", "\xf0\x9f\x90\xb3"},
    {"\033[31m", true, R"(\033[31m)", "\033[31m"},
    {"\xc2\x9b", true, R"(\302\233)", "\xc2\x9b"},                  // CSI as one character
    {"\xe2\x80\xae", true, R"(\342\200\256)", "\xe2\x80\xae"},      // turns the line around
    {"12345678\377", false, R"(12345678\377)", R"(12345678\xff)"},  // past a whole word
};

void escapesBytes(void**) {
  for (const auto& row : bytesRows) {
    assert_int_equal(isUtf8(row.bytes), row.utf8);
    assert_string_equal(keep(escapeBytes(row.bytes)), row.quoted);
    assert_string_equal(keep(escapeNonUtf8(row.bytes)), row.json);
  }
  assert_string_equal(keep(printable("say \"hi\\\n")), "say \"hi\\\\n");
}

// ---- names ----

void namesFlags(void**) {
  static const FlagSet set = {"test",
                              {{"RDONLY", 0, 3},
                               {"WRONLY", 1, 3},
                               {"RDWR", 2, 3},
                               {"SYNC", 0x30},
                               {"DSYNC", 0x10},
                               {"CREAT", 0x40}}};
  static const struct {
    uint64_t value;
    const char* expected;
  } rows[] = {
      {0, "RDONLY"},
      {1, "WRONLY"},
      {0x40, "RDONLY|CREAT"},
      {0x30, "RDONLY|SYNC"},
      {0x10, "RDONLY|DSYNC"},
      {0x72, "RDWR|SYNC|CREAT"},
      {3, "0x3"},
      {0x8000000000000041, "WRONLY|CREAT|0x8000000000000000"},
      {0x20, "RDONLY|0x20"},
  };
  for (const auto& row : rows) {
    assert_string_equal(keep(join(flagNames(set, row.value).names, "|")), row.expected);
  }
  static const FlagSet noZero = {"test", {{"A", 1}}};
  assert_int_equal(flagNames(noZero, 0).names.size(), 0);
  static const FlagSet zero = {"test", {{"NONE", 0, ~0u}, {"READ", 1}, {"WRITE", 2}}};
  assert_string_equal(keep(join(flagNames(zero, 0).names, "|")), "NONE");
  assert_string_equal(keep(join(flagNames(zero, 3).names, "|")), "READ|WRITE");
}

void namesOneOf(void**) {
  static const FlagSet set = {"test", {{"SET", 0, ~0u}, {"CUR", 1}, {"ANY", 0xffffffff, ~0u}}};
  static const struct {
    uint64_t value;
    const char* expected;
  } rows[] = {{0, "SET"}, {1, "CUR"}, {0xdead00000001, "CUR"}, {UINT64_MAX, "ANY"}, {3, ""}};
  for (const auto& row : rows) assert_string_equal(keep(enumName(set, row.value)), row.expected);
}

void namesErrnosAndSignals(void**) {
  static const struct {
    int number;
    const char *name, *message;
  } errnos[] = {{2, "ENOENT", "No such file or directory"},
                {11, "EAGAIN", "Resource temporarily unavailable"},
                {512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"},
                {524, "ENOTSUPP", "Operation is not supported"}};
  for (const auto& row : errnos) {
    assert_string_equal(keep(errnoName(row.number)), row.name);
    assert_string_equal(keep(errnoMessage(row.number)), row.message);
    assert_int_equal(errnoByName(row.name).value_or(0), row.number);
  }
  assert_string_equal(keep(errnoName(999) + errnoMessage(999)), "E999");
  assert_int_equal(errnoByName("EWOULDBLOCK").value_or(0), 11);
  for (const char* word : {"ENOENTT", ""}) assert_false(errnoByName(word).has_value());
  assert_string_equal(keep(nearestErrno("ENOENTT")), "ENOENT");
  assert_string_equal(keep(signalName(9)), "SIGKILL");
  assert_string_equal(keep(signalName(0) + signalName(65)), "");
}

void findsSets(void**) {
  assert_non_null(findSet("open"));
  assert_null(findSet("no such set"));
  assert_string_equal(keep(join(flagNames(*findSet("open"), 02000000).names, "|")),
                      "O_RDONLY|O_CLOEXEC");
}

// ---- arguments ----

Argument arg(Value value) {
  Argument arg;
  arg.name = "a";
  arg.value = std::move(value);
  return arg;
}

Argument faulted(Value value) {
  Argument marked = arg(std::move(value));
  marked.raw = 0x7ffe;
  marked.faulted = true;
  return marked;
}

Argument truncated(Value value, uint64_t fullLength) {
  Argument marked = arg(std::move(value));
  marked.truncated = true;
  marked.fullLength = fullLength;
  return marked;
}

Argument atExit(Value value) {
  Argument marked = arg(std::move(value));
  marked.atExit = true;
  return marked;
}

// One argument, as both renderers show it: in JSON the value and, behind a blank, its notes.
struct ArgumentRow {
  Argument arg;
  const char *json, *text;
};

const ArgumentRow argumentRows[] = {
    {arg(Signed{-5}), "-5", "a=-5"},
    {arg(Unsigned{UINT64_MAX}), "18446744073709551615", "a=18446744073709551615"},
    {arg(Address{0x7ffe0010}), R"("0x7ffe0010")", "a=0x7ffe0010"},
    {arg(Address{0}), "null", "a=NULL"},
    {arg(Octal{0644}), R"("0644")", "a=0644"},
    {arg(Symbol{"AT_FDCWD"}), R"("AT_FDCWD")", "a=AT_FDCWD"},
    {arg(Symbol{"\377"}), R"("\\xff")", R"(a=\377)"},
    {arg(Flags{{"A", "0x8"}}), R"(["A","0x8"])", "a=A|0x8"},
    {arg(Flags{}), "[]", "a=0"},
    {arg(List{{Bytes{"sh"}, Signed{1}}}), R"(["sh",1])", R"(a=["sh", 1])"},
    {arg(Fields{{{"family", Symbol{"AF_INET"}}, {"port", Unsigned{80}}}}),
     R"({"family":"AF_INET","port":80})", "a={family=AF_INET, port=80}"},
    {arg({}), "null", "a=?"},
    {arg(Bytes{"q\"\n"}), R"("q\"\n")", R"(a="q\"\n")"},
    {arg(Bytes{""}), R"("")", R"(a="")"},
    {arg(Bytes{"\\ \377"}), R"("\\\\ \\xff" {"escaped":true})", R"(a="\\ \377")"},
    // One mark for the whole argument: what was UTF-8 in it is escaped as well.
    {arg(List{{Bytes{"\\"}, Bytes{"\377"}}}), R"(["\\\\","\\xff"] {"escaped":true})",
     R"(a=["\\", "\377"])"},
    {arg(Bytes{"\033[2J\xc2\x9b\x7f"}), R"("\u001B[2J\u009b\u007f")", R"(a="\033[2J\302\233\177")"},
    {truncated(Bytes{"abc"}, 70'000), R"("abc" {"truncated":true,"full_length":70000})",
     R"(a="abc"...)"},
    {truncated(Bytes{"abc"}, 0), R"("abc" {"truncated":true})", R"(a="abc"...)"},
    {truncated(List{{Bytes{"a"}}}, 9), R"(["a"] {"truncated":true,"full_length":9})",
     R"(a=["a", ...])"},
    {atExit(Bytes{"abc"}), R"("abc" {"at":"exit"})", R"(a="abc"@exit)"},
    {faulted(Address{0x7ffe}), R"("0x7ffe" {"faulted":true})", "a=0x7ffe(faulted)"},
    {faulted(Bytes{""}), R"("0x7ffe" {"faulted":true})", "a=0x7ffe(faulted)"},
    {faulted({}), R"("0x7ffe" {"faulted":true})", "a=0x7ffe(faulted)"},
    {arg(Hex{0x26000}), "155648", "a=0x26000"},
    {arg(Hex{0}), "0", "a=0"},
    {arg(Pointed{{Unsigned{5}}}), "5", "a=[5]"},
    {arg(Pointed{{Bytes{"\377"}}}), R"("\\xff" {"escaped":true})", R"(a=["\377"])"},
    {arg(Pointed{}), "null", "a=[?]"},
    {arg(Form{{Unsigned{80}}, "htons(80)"}), "80", "a=80"},
    {arg(List{{Form{{Bytes{"\377"}}, "x"}}}), R"(["\\xff"] {"escaped":true})", R"(a=["\377"])"},
};

Event eventWith(Argument arg) {
  Event event;
  event.args.push_back(std::move(arg));
  return event;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  size_t begin = text.find(from);
  if (begin == text.npos) return "";
  begin += from.size();
  return text.substr(begin, text.rfind(to) - begin);
}

Value file(std::string path) {
  return Fields{{{"kind", Symbol{"file"}}, {"path", Bytes{std::move(path)}}}};
}

// "VALUE NOTES" of the only argument.
std::string argumentJson(const Argument& arg) {
  std::string args = between(renderJson({}, eventWith(arg)), R"("args":{"a":)", "}}");
  size_t notes = args.find(R"(},"arg_notes":{"a":)");
  if (notes == args.npos) return args.substr(0, args.size() - 1);
  std::string value = args.substr(0, notes);
  return value + ' ' + between(args, R"("arg_notes":{"a":)", "}");
}

void showsArguments(void**) {
  for (const auto& row : argumentRows) {
    assert_string_equal(keep(argumentJson(row.arg)), row.json);
    assert_string_equal(keep(between(renderText(eventWith(row.arg)), "(", ") = ")), row.text);
  }
}

// ---- whole lines ----

const Container nginx = {.id = "c1",
                         .pod = "nginx-provider",
                         .name = "indexwriter",
                         .image = "nginx:1",
                         .nameSpace = "swoll",
                         .labels = {{"app", "nginx"}},
                         .phase = "Running",
                         .pid = 70,
                         .source = "cri",
                         .cgroupPath = "/c1",
                         .cgroupId = 9,
                         .pidNamespace = 4026532000};

const Container redis{.id = "c2",
                      .pod = "p",
                      .name = "redis",
                      .image = "i",
                      .nameSpace = "cache",
                      .labels = {{"a", "b"}},
                      .phase = "",
                      .source = "cri",
                      .cgroupPath = ""};

Event openat(const Container* container) {
  Event event;
  event.type = 1, event.number = 257, event.name = "sys_openat", event.klass = "FileSystem";
  event.group = "Files", event.arch = "x86_64", event.pid = 2007494, event.tid = 2007495;
  event.uid = 1000, event.gid = 100, event.session = 12, event.comm = "sh";
  event.namespaces = {1, 2, 3, 4, 5, 6, 7};
  event.container = container;
  event.result = 3, event.start = 1'000, event.finish = 13'300;
  event.time = 1'767'323'045'123'456'789;
  event.args = {arg(Symbol{"AT_FDCWD"}), arg(Bytes{"/etc/ld.so.cache"}),
                arg(Flags{{"O_RDONLY", "O_CLOEXEC"}})};
  event.args[0].name = "dirfd", event.args[0].type = "int";
  event.args[1].name = "pathname", event.args[1].type = "const char *";
  event.args[2].name = "flags", event.args[2].type = "int";
  return event;
}

void rendersJsonLine(void**) {
  static const std::string_view traces[] = {"one", "two"};
  assert_string_equal(
      keep(renderJson(traces, openat(&nginx))),
      R"({"trace":["one","two"],"payload":{"syscall":{"nr":257,"name":"sys_openat",)"
      R"("class":"FileSystem","group":"Files","arch":"x86_64"},"pid":2007494,"tid":2007495,)"
      R"("uid":1000,"gid":100,"comm":"sh","session":12,"container":{"id":"c1",)"
      R"("pod":"nginx-provider","name":"indexwriter","image":"nginx:1","namespace":"swoll",)"
      R"("labels":{"app":"nginx"},"pid":70,"pid-namespace":4026532000},"error":"OK","return":3,)"
      R"("pid_ns":1,"uts_ns":2,"mount_ns":3,"net_ns":4,"ipc_ns":5,"user_ns":6,"cgroup_ns":7,)"
      R"("start":1000,"finish":13300,"time":"2026-01-02T03:04:05.123456789Z",)"
      R"("args":{"dirfd":"AT_FDCWD","pathname":"/etc/ld.so.cache",)"
      R"("flags":["O_RDONLY","O_CLOEXEC"]}}})");
}

// What is known besides the arguments: in JSON all that is behind them, in text from the first
// argument on.
struct ContextRow {
  void (*change)(Event& event);
  const char *json, *text;
};

const ContextRow contextRows[] = {
    {[](Event&) {}, "", "a=5) = 3 <0ns>"},
    {[](Event& e) { e.args[0].target = file("/etc/passwd"); },
     R"(,"targets":{"a":{"kind":"file","path":"/etc/passwd"}})", "a=5</etc/passwd>) = 3 <0ns>"},
    {[](Event& e) { e.args[0].after = Unsigned{16}; }, R"(,"after":{"a":16})",
     "a=5=>16) = 3 <0ns>"},
    {[](Event& e) { e.args[0].after = Unsigned{5}; }, R"(,"after":{"a":5})", "a=5) = 3 <0ns>"},
    {[](Event& e) { e.resultTarget = file("/x"); },
     R"(,"targets":{"return":{"kind":"file","path":"/x"}})", "a=5) = 3</x> <0ns>"},
    {[](Event& e) { e.resultValue = Address{0x7f00}; }, R"(,"return_value":"0x7f00")",
     "a=5) = 0x7f00 <0ns>"},
    {[](Event& e) { e.resultValue = Octal{022}; }, R"(,"return_value":"022")", "a=5) = 022 <0ns>"},
    {[](Event& e) {
       e.result = 0x8002, e.resultValue = Flags{{"O_RDWR", "O_LARGEFILE"}};
     },
     R"(,"return_value":["O_RDWR","O_LARGEFILE"])", "a=5) = 0x8002 (O_RDWR|O_LARGEFILE) <0ns>"},
    {[](Event& e) { e.result = 0, e.resultValue = Flags{}; }, R"(,"return_value":[])",
     "a=5) = 0 <0ns>"},
    {[](Event& e) { e.resultValue = Symbol{"PER_X"}; }, R"(,"return_value":"PER_X")",
     "a=5) = 3 (PER_X) <0ns>"},
    // All at once, in their order; one mark for an argument and all that belongs to it.
    {[](Event& e) {
       e.args[0].value = Bytes{"\\"}, e.args[0].after = Bytes{"\\"};
       e.args[0].target = file("\377");
       e.resultValue = Bytes{"\\"}, e.resultTarget = file("\376");
     },
     R"(,"arg_notes":{"a":{"escaped":true},"return":{"escaped":true}},)"
     R"("targets":{"a":{"kind":"file","path":"\\xff"},"return":{"kind":"file","path":"\\xfe"}},)"
     R"("after":{"a":"\\\\"},"return_value":"\\\\")",
     R"(a="\\"<\377>) = "\\"<\376> <0ns>)"},
    {[](Event& e) {
       e.args[0].after = Bytes{"\377"}, e.args[0].faulted = e.args[0].atExit = true;
       e.args[0].target = file("/x");
     },
     R"(,"arg_notes":{"a":{"faulted":true,"at":"exit","escaped":true}},)"
     R"("targets":{"a":{"kind":"file","path":"/x"}},"after":{"a":"\\xff"})",
     R"(a=5</x>(faulted)@exit=>"\377") = 3 <0ns>)"},
};

void rendersContext(void**) {
  for (const auto& row : contextRows) {
    const char *json = nullptr, *text = nullptr;
    [&] {
      Event event = eventWith(arg(Unsigned{5}));
      event.result = 3;
      row.change(event);
      std::string line = renderJson({}, event);
      size_t from = line.find('}', line.find(R"("args":{)")) + 1;
      json = keep(line.substr(from, line.size() - 2 - from));
      line = renderText(event);
      text = keep(line.substr(line.find('(') + 1));
    }();
    assert_string_equal(json, row.json);
    assert_string_equal(text, row.text);
  }
}

// ---- targets ----

Value inet(const char* family, const char* addr, uint64_t port) {
  return Fields{{{"family", Symbol{family}}, {"addr", Bytes{addr}}, {"port", Unsigned{port}}}};
}

Value inet4(uint64_t port) { return inet("AF_INET", "127.0.0.1", port); }
Value inet6(uint64_t port) { return inet("AF_INET6", "::1", port); }
Value local(std::string path) {
  return Fields{{{"family", Symbol{"AF_UNIX"}}, {"path", Bytes{std::move(path)}}}};
}

// A socket of inode 99; more has what is known besides.
Value socketWith(const char* family, const char* type, std::vector<Field> more) {
  Fields fields{{{"kind", Symbol{"socket"}}, {"inode", Unsigned{99}}}};
  if (*family != '\0') fields.fields.push_back({"family", Symbol{family}});
  if (*type != '\0') fields.fields.push_back({"type", Symbol{type}});
  for (auto& field : more) fields.fields.push_back(std::move(field));
  return fields;
}

void showsTargets(void**) {
  const Value tcp = Symbol{"IPPROTO_TCP"}, port = Form{{Unsigned{80}}, "htons(80)"};
  const struct {
    Value target;
    const char* expected;
  } rows[] = {
      {file("/etc/passwd"), "/etc/passwd"},
      {file("pipe:[7]"), "pipe:[7]"},
      {file("/a>b<\n\033[2J\"\377"), R"(/a\076b\074\n\033[2J\"\377)"},
      {Fields{{{"kind", Symbol{"pipe"}}}}, "pipe"},
      {Fields{}, "?"},
      {Signed{5}, "?"},
      {socketWith("AF_INET", "SOCK_STREAM",
                  {{"protocol", tcp}, {"local", inet4(4455)}, {"peer", inet4(80)}}),
       "TCP:[127.0.0.1:4455->127.0.0.1:80]"},
      {socketWith("AF_INET", "SOCK_STREAM", {{"local", inet("AF_INET", "0.0.0.0", 80)}}),
       "TCP:[0.0.0.0:80]"},
      {socketWith("AF_INET6", "", {{"protocol", tcp}, {"local", inet6(4455)}, {"peer", inet6(80)}}),
       "TCPv6:[[::1]:4455->[::1]:80]"},
      {socketWith("AF_INET", "SOCK_DGRAM",
                  {{"protocol", Symbol{"IPPROTO_IP"}}, {"local", inet4(53)}}),
       "UDP:[127.0.0.1:53]"},
      {socketWith("AF_INET", "SOCK_RAW", {{"protocol", Symbol{"IPPROTO_ICMP"}}}), "ICMP:[99]"},
      {socketWith("AF_INET", "SOCK_STREAM", {}), "TCP:[99]"},
      {socketWith("AF_INET", "", {{"local", Fields{{{"addr", Bytes{"::"}}, {"port", port}}}}}),
       "socket:[[::]:80]"},
      {socketWith("AF_UNIX", "", {{"local", local("/run/x.sock")}}), "UNIX:[/run/x.sock]"},
      {socketWith("AF_UNIX", "SOCK_STREAM", {{"local", local("")}}), "UNIX-STREAM:[99]"},
      {socketWith("AF_UNIX", "SOCK_STREAM", {{"peer", local("@x>\033")}}),
       R"(UNIX-STREAM:[99->@x\076\033])"},
      {socketWith("AF_NETLINK", "SOCK_RAW", {}), "socket:[99]"},
      {socketWith("", "", {}), "socket:[99]"},
      {Fields{{{"kind", Symbol{"socket"}}}}, "socket:[?]"},
      // Names that can't be are no harm either.
      {socketWith("AF_UNIX", "SOCK_\033", {}), R"(UNIX-\033:[99])"},
  };
  for (const auto& row : rows) {
    const char* text = nullptr;
    [&] { text = keep(targetText(row.target)); }();
    assert_string_equal(text, row.expected);
  }
}

// What a line has or lacks when an event is not as usual.
struct LineRow {
  void (*change)(Event& event);
  const char *json, *text;  // parts of the lines
};

const LineRow lineRows[] = {
    {[](Event& e) { e.result = -2; }, R"("error":"ENOENT","return":-2,)",
     ") = -1 ENOENT (No such file or directory) <12.3us>"},
    {[](Event& e) { e.result = -999; }, R"("error":"E999","return":-999,)", ") = -1 E999 <"},
    {[](Event& e) { e.result = -4096; }, R"("error":"OK","return":-4096,)", ") = -4096 <"},
    {[](Event& e) { e.result = -1, e.executed = false; },
     R"("error":"EPERM","return":-1,"executed":false,)",
     ") = -1 EPERM (Operation not permitted) [not executed] <12.3us>"},
    {[](Event& e) { e.returned = false; }, R"("error":"OK","return":null,)", ") = ?"},
    {[](Event& e) { e.container = nullptr; }, R"("session":12,"error")",
     ".123456 host sh[2007494]"},
    {[](Event& e) { e.container = nullptr, e.unit = "a\\x2db@c.service"; },
     R"("session":12,"unit":"a\\x2db@c.service","error")",
     R"(.123456 a\x2db@c.service sh[2007494])"},
    {[](Event& e) { e.container = nullptr, e.unit = "a\033b.scope"; }, R"("unit":"a\u001Bb.scope")",
     R"( a\033b.scope sh[)"},
    {[](Event& e) { e.acting = &redis; },
     R"("pid-namespace":4026532000},"acting":{"id":"c2","pod":"p","name":"redis",)"
     R"("namespace":"cache"},"error")",
     " indexwriter.nginx-provider.swoll>redis.p.cache sh[2007494] "},
    {[](Event& e) { e.container = nullptr, e.acting = &redis; },
     R"("session":12,"acting":{"id":"c2",)", " host>redis.p.cache sh[2007494] "},
    {[](Event& e) { e.container = nullptr, e.acting = &redis, e.unit = "ssh.service"; },
     R"("namespace":"cache"},"unit":"ssh.service","error")", " ssh.service>redis.p.cache sh["},
    {[](Event& e) { e.comm = "a\n\033[31m"; }, R"("comm":"a\n\u001B[31m","session")",
     R"( a\n\033[31m[2007494] )"},
    {[](Event& e) { e.comm = "\\\377"; }, R"("comm":"\\\\\\xff","comm_escaped":true,)",
     R"( \\377[2007494] )"},
    {[](Event& e) { e.arch = "i386"; }, R"("arch":"i386")", " openat[i386](dirfd="},
    {[](Event& e) { e.name = ""; }, R"("name":"")", " syscall_257(dirfd="},
    {[](Event& e) { e.time = -1; }, R"("time":"1969-12-31T23:59:59.999999999Z")",
     "23:59:59.999999 "},
};

void rendersUnusualEvents(void**) {
  for (const auto& row : lineRows) {
    const char *json = nullptr, *text = nullptr;
    [&] {
      Event event = openat(&nginx);
      row.change(event);
      json = keep(renderJson({}, event));
      text = keep(renderText(event));
    }();
    // Compared whole only to show the line when the part is not in it.
    if (strstr(json, row.json) == nullptr) assert_string_equal(json, row.json);
    if (strstr(text, row.text) == nullptr) assert_string_equal(text, row.text);
  }
}

void rendersTextLine(void**) {
  static const struct {
    TextOptions options;
    const char* expected;
  } rows[] = {
      {{},
       R"(03:04:05.123456 indexwriter.nginx-provider.swoll sh[2007494] openat(dirfd=AT_FDCWD, )"
       R"(pathname="/etc/ld.so.cache", flags=O_RDONLY|O_CLOEXEC) = 3 <12.3us>)"},
      {{.types = true},
       R"(03:04:05.123456 indexwriter.nginx-provider.swoll sh[2007494] )"
       R"(openat((int)dirfd=AT_FDCWD, (const char *)pathname="/etc/ld.so.cache", )"
       R"((int)flags=O_RDONLY|O_CLOEXEC) = 3 <12.3us>)"},
      {{.color = true},
       "03:04:05.123456 indexwriter.nginx-provider.swoll sh[2007494] \033[1mopenat\033[0m("
       R"(dirfd=AT_FDCWD, pathname="/etc/ld.so.cache", flags=O_RDONLY|O_CLOEXEC) = 3 <12.3us>)"},
  };
  for (const auto& row : rows) {
    assert_string_equal(keep(renderText(openat(&nginx), row.options)), row.expected);
  }
}

void namesPlaces(void**) {
  static const std::string runtimeId(64, 'a');
  static const struct {
    const char *id, *name, *pod, *nameSpace, *expected;
  } rows[] = {
      {"c1", "", "p", "", " p sh["},
      {"c1", "c", "", "n", " c.n sh["},
      {"pidns:4026532000", "", "", "", " pidns:4026532000 sh["},
      {runtimeId.c_str(), "", "", "", " aaaaaaaaaaaa sh["},
      {"c1", "c\033]0;x\a", "", "", R"( c\033]0;x\a sh[)"},
  };
  for (const auto& row : rows) {
    const char* text = nullptr;
    [&] {
      Container container;
      container.id = row.id, container.name = row.name, container.pod = row.pod;
      container.nameSpace = row.nameSpace;
      text = keep(renderText(openat(&container)));
    }();
    if (strstr(text, row.expected) == nullptr) assert_string_equal(text, row.expected);
  }
}

// Every byte, everywhere that bytes from outside can be.
void keepsLinesHarmless(void**) {
  bool textHarmless = true, jsonHarmless = true;
  [&] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += char(i);
    for (int i = 0x80; i < 0xa0; ++i) bytes += {'\xc2', char(i)};
    Container container = nginx;
    container.name = container.pod = container.nameSpace = bytes;
    container.labels = {{bytes, bytes}};
    Event event = openat(&container);
    event.comm = event.args[1].name = event.args[1].type = event.name = bytes;
    event.args[1].value = Fields{{{bytes, Flags{{bytes}}}, {"s", Symbol{bytes}}}};
    event.args[2].value = List{{Bytes{bytes}, Form{{Bytes{bytes}}, bytes}}};
    event.args[2].after = Pointed{{Symbol{bytes}}};
    event.args[1].target = event.resultTarget = file(bytes);
    event.args[0].target = socketWith("AF_UNIX", bytes.c_str() + 1, {{"local", local(bytes)}});
    event.resultValue = Flags{{bytes}};
    std::string text = renderText(event, {.types = true}), json = renderJson({}, event);
    const auto steers = [](const std::string& line) {
      for (size_t i = 0; i < line.size(); ++i) {
        if (uint8_t(line[i]) < 0x20 || line[i] == '\x7f') return true;
        if (line[i] == '\xc2' && i + 1 < line.size() && uint8_t(line[i + 1]) < 0xa0) return true;
      }
      return !isUtf8(line);
    };
    textHarmless = !steers(text), jsonHarmless = !steers(json);
  }();
  assert_true(textHarmless);
  assert_true(jsonHarmless);
}

void reusesItsBuffer(void**) {
  const char *first = nullptr, *again = nullptr;
  [&] {
    JsonRenderer renderer;
    first = keep(std::string(renderer.render({}, openat(&nginx))));
    renderer.render({}, eventWith(arg(Bytes{"\x7f"})));
    again = keep(std::string(renderer.render({}, openat(&nginx))));
  }();
  assert_string_equal(first, again);
}

}  // namespace

int main() {
  setenv("TZ", "UTC", 1);
  tzset();
  const CMUnitTest tests[] = {
      cmocka_unit_test(findsNearest),       cmocka_unit_test(splitsAndJoins),
      cmocka_unit_test(parsesDurations),    cmocka_unit_test(formatsDurations),
      cmocka_unit_test(escapesBytes),       cmocka_unit_test(namesFlags),
      cmocka_unit_test(namesOneOf),         cmocka_unit_test(namesErrnosAndSignals),
      cmocka_unit_test(findsSets),          cmocka_unit_test(showsArguments),
      cmocka_unit_test(rendersJsonLine),    cmocka_unit_test(rendersUnusualEvents),
      cmocka_unit_test(rendersTextLine),    cmocka_unit_test(namesPlaces),
      cmocka_unit_test(keepsLinesHarmless), cmocka_unit_test(reusesItsBuffer),
      cmocka_unit_test(rendersContext),     cmocka_unit_test(showsTargets),
  };
  return cmocka_run_group_tests_name("render", tests, nullptr, nullptr);
}
