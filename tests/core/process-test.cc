// SPDX-License-Identifier: Apache-2.0
// What happens to processes, from a record of the kernel's to what people and programs read.
#include <cstring>

#include "event/render-json.h"
#include "event/render-text.h"
#include "keep.h"
#include "make-record.h"
#include "process/process-table.h"
#include "trace/kind-table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

// A record of a process: its words, then blocks.
RecordMaker make(swoll_process_type type, std::initializer_list<uint64_t> words) {
  RecordMaker record(CallId(type), Arch::x86_64);
  record.head().finish = record.head().start;
  record.args(words);
  return record;
}

// Of "/bin/app", the last component first.
std::string exeBlock(uint8_t flags = 0, std::string_view path = std::string_view("app\0bin\0", 8)) {
  swoll_target target{};
  target.mode = 0100755;
  target.flags = flags;
  return std::string(reinterpret_cast<const char*>(&target), sizeof(target)) + std::string(path);
}
constexpr uint8_t exe = SWOLL_BLOCK_ARG(SWOLL_PIECE_exe, SWOLL_PART_target);
constexpr uint64_t cause(uint32_t bits, int code = 0) {
  return uint64_t(bits) << 32 | uint32_t(code);
}

Event eventOf(const RecordMaker& record) {
  auto parsed = parseRecord(record.data(), record.size());
  assert_true(parsed.has_value());
  return decodeRecord(*parsed, {});
}

// From the event's name on.
std::string text(const RecordMaker& record) {
  std::string line = renderText(eventOf(record));
  return line.substr(line.find("process:"));
}
std::string strace(const RecordMaker& record) {
  std::string line = renderStraceLine(eventOf(record));
  return line.substr(line.find(' ', line.find(':')) + 1);
}
// What JSON has between "payload" and "pid".
std::string json(const RecordMaker& record) {
  std::string line = renderJson({}, eventOf(record));
  size_t from = line.find("{\"process\":") + 11;
  return line.substr(from, line.find(",\"pid\":70") - from);
}

void begins(void**) {
  auto fork = make(SWOLL_PROCESS_fork, {7}).block(exe, exeBlock());
  assert_string_equal(keep(text(fork)), "process:fork(parent=7, exe=\"/bin/app\")");
  assert_string_equal(keep(strace(fork)), "+++ forked by 7 +++");
  assert_string_equal(keep(json(fork)), R"({"event":"fork","parent":7,"exe":"/bin/app"})");
  // Nothing of a call's is there.
  std::string line = renderJson({}, eventOf(fork));
  for (const char* member : {"\"error\"", "\"return\"", "\"args\"", "\"syscall\""})
    assert_true(line.find(member) == line.npos);
}

void runsPrograms(void**) {
  auto exec = make(SWOLL_PROCESS_exec, {7})
                  .block(exe, exeBlock())
                  .block(SWOLL_PIECE_filename, "app")
                  .block(SWOLL_PIECE_argv, std::string_view("app\0-v\0\0", 8));
  assert_string_equal(
      keep(text(exec)),
      R"(process:exec(parent=7, exe="/bin/app", filename="app", argv=["app", "-v", ""]))");
  assert_string_equal(keep(strace(exec)), R"(execve("app", ["app", "-v", ""]) = 0)");
  auto cut =
      make(SWOLL_PROCESS_exec, {7})
          .block(exe, exeBlock(SWOLL_TARGET_deleted))
          .block(SWOLL_PIECE_argv, std::string_view("app\0-v", 6), SWOLL_BLOCK_truncated, 9000);
  assert_string_equal(keep(text(cut)),
                      "process:exec(parent=7, exe=\"/bin/app (deleted)\", filename=NULL(faulted), "
                      "argv=[\"app\", \"-v\", ...])");
  assert_string_equal(keep(strace(cut)), R"(execve(?, ["app", "-v", ...]) = 0)");
}

struct End {
  swoll_process_type type;
  uint64_t status, cause;
  const char *text, *strace;
};
const End ends[] = {
    {SWOLL_PROCESS_exit, 3 << 8, 0, "status=3, age=5s", "+++ exited with 3 +++"},
    {SWOLL_PROCESS_exit, 15, 0, "signal=SIGTERM, core_dumped=0, age=5s",
     "+++ killed by SIGTERM +++"},
    {SWOLL_PROCESS_exit, 11 | 0x80, 0, "signal=SIGSEGV, core_dumped=1, age=5s",
     "+++ killed by SIGSEGV (core dumped) +++"},
    {SWOLL_PROCESS_kill, 9, cause(0), "signal=SIGKILL, core_dumped=0, cause=unknown, age=5s",
     "--- SIGKILL {si_signo=SIGKILL} ---"},
    {SWOLL_PROCESS_kill, 9, cause(SWOLL_CAUSE_known | SWOLL_CAUSE_oom, 0x80),
     "signal=SIGKILL, core_dumped=0, cause=oom, code=SI_KERNEL, age=5s",
     "--- SIGKILL {si_signo=SIGKILL, si_code=SI_KERNEL} ---"},
    {SWOLL_PROCESS_kill, 11, cause(SWOLL_CAUSE_known, 1),
     "signal=SIGSEGV, core_dumped=0, cause=kernel, code=SEGV_MAPERR, age=5s",
     "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR} ---"},
    {SWOLL_PROCESS_kill, 15, cause(SWOLL_CAUSE_known | SWOLL_CAUSE_process, -6),
     "signal=SIGTERM, core_dumped=0, cause=process, code=SI_TKILL, sender={pid=66, uid=5, "
     "comm=\"top\"}, age=5s",
     "--- SIGTERM {si_signo=SIGTERM, si_code=SI_TKILL, si_pid=66, si_uid=5} ---"},
};

void ends_(void**) {
  for (const End& row : ends) {
    auto record = make(row.type, {7, row.status, 5'000'000'000, 5ull << 32 | 66, 70, row.cause})
                      .block(exe, exeBlock())
                      .block(SWOLL_PIECE_comm, std::string_view("top\0\0\0\0\0", 8));
    std::string whole = std::string("process:") +
                        (row.type == SWOLL_PROCESS_exit ? "exit" : "kill") +
                        "(parent=7, exe=\"/bin/app\", " + row.text + ")";
    assert_string_equal(keep(text(record)), whole.c_str());
    assert_string_equal(keep(strace(record)), row.strace);
  }
}

// What is not known is none, and says so; of a path that was cut, half a component is none.
void programsThatAreNotKnown(void**) {
  auto none = make(SWOLL_PROCESS_exit, {7});
  assert_string_equal(keep(text(none)),
                      "process:exit(parent=7, exe=NULL(faulted), status=0, age=0ns)");
  auto cut = make(SWOLL_PROCESS_exit, {7})
                 .block(exe, exeBlock(SWOLL_TARGET_cut, std::string_view("app\0bin\0us", 10)));
  assert_string_equal(keep(json(cut)),
                      R"({"event":"exit","parent":7,"exe":".../bin/app","status":0,"age":0})");
  assert_true(renderJson({}, eventOf(cut)).find(R"("exe":{"truncated":true})") !=
              std::string::npos);
  auto memory = make(SWOLL_PROCESS_exec, {7})
                    .block(exe, exeBlock(SWOLL_TARGET_pseudo, std::string_view("memfd:x\0", 8)));
  assert_true(keep(text(memory)) ==
              std::string("process:exec(parent=7, exe=\"/memfd:x (deleted)\", "
                          "filename=NULL(faulted), argv=NULL(faulted))"));
}

struct Words {
  std::vector<std::string> words;
  const char* is;  // names, or what is wrong
};
const Words lists[] = {
    {{"exec"}, "exec"},
    {{"exec", "exit"}, "exec exit"},
    {{"all"}, "fork exec exit kill"},
    {{"!fork"}, "exec exit kill"},
    {{"all", "!exec", "!exit"}, "fork kill"},
    {{"exce"}, "unknown event of processes 'exce'; did you mean 'exec'?"},
    {{"exec", ""}, "unknown event of processes ''; did you mean 'all'?"},
    {{"exec", "!exec"}, "the list of events of processes leaves none"},
};

void listsOfEvents(void**) {
  for (const Words& row : lists) {
    auto types = parseProcesses(row.words);
    std::string is = types ? "" : types.error();
    for (const ProcessType& type : processTypes())
      if (types && types->test(type.type)) is += (is.empty() ? "" : " ") + std::string(type.name);
    assert_string_equal(is.c_str(), row.is);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(begins),        cmocka_unit_test(runsPrograms),
      cmocka_unit_test(ends_),         cmocka_unit_test(programsThatAreNotKnown),
      cmocka_unit_test(listsOfEvents),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
