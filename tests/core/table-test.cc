// SPDX-License-Identifier: Apache-2.0
// The table of system calls is whole, agrees with the running kernel's, and is found by names.
#include <dirent.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "bpf/abi.h"
#include "event/names.h"
#include "fake-kernel.h"
#include "syscall/call-set.h"
#include "syscall/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

// ---- the rows; each helper answers what is wrong with them ----

std::string sharedNumbers() {
  std::string wrong;
  for (size_t arch = 0; arch < archCount; arch++) {
    std::map<int, const char*> seen;
    for (const Syscall& row : syscallTable()) {
      if (row.number[arch] < 0) continue;
      auto [other, fresh] = seen.emplace(row.number[arch], row.name);
      if (!fresh)
        wrong +=
            std::string(archName(Arch(arch))) + ": " + other->second + " and " + row.name + "; ";
    }
    if (seen.empty()) wrong += std::string("no call of ") + archName(Arch(arch));
  }
  return wrong;
}

bool readsSet(ArgKind kind) { return kind == ArgKind::flags || kind == ArgKind::enumeration; }

// Of a call or one of its variants.
std::string badArguments(const std::string& call, std::span<const Arg> args) {
  std::string wrong;
  auto bad = [&](const Arg& arg, const char* why) {
    wrong += call + "." + arg.name + ": " + why + "; ";
  };
  std::set<std::string> names;
  for (size_t i = 0; i < args.size(); i++) {
    const Arg& arg = args[i];
    // One of several shapes of an argument, of which a condition takes one, has its name.
    if (!names.insert(arg.name).second && arg.only.of < 0) bad(arg, "name is there twice");
    if ((arg.reg < 0 ? i : size_t(arg.reg)) >= SWOLL_ARGS) bad(arg, "no register");
    if (!*arg.name || !*arg.ctype) bad(arg, "no name or type");
    if (arg.lengthArg >= int(args.size()) && arg.length != SWOLL_LEN_head)
      bad(arg, "length in an argument that is not there");
    if (arg.lengthArg == int(i) && arg.length != SWOLL_LEN_head) bad(arg, "its own length");
    bool counted = arg.length != SWOLL_LEN_fixed && arg.op != SWOLL_OP_none;
    if (counted && arg.lengthArg < 0) bad(arg, "no length");
    if ((arg.op == SWOLL_OP_none) != (arg.when == 0)) bad(arg, "is read never, or is not memory");
    if (readsSet(arg.kind) && !findSet(arg.set)) bad(arg, "no such set");
    if (arg.kind == ArgKind::structure && !findLayout(arg.set)) bad(arg, "no such structure");
    if (arg.op == SWOLL_OP_memory && arg.length == SWOLL_LEN_fixed && arg.size < 1)
      bad(arg, "no size");
    if (std::max(arg.size, arg.compatSize) > SWOLL_MAX_BUFFER) bad(arg, "larger than is read");
  }
  return wrong;
}

std::string badArguments() {
  std::string wrong;
  for (const Syscall& row : syscallTable()) wrong += badArguments(row.name, row.args);
  return wrong;
}

// Each variant is one of known calls, selected by one of their arguments as all others of them are.
std::string badVariants() {
  std::string wrong;
  std::map<std::string, std::pair<int, uint32_t>> selectors;
  std::set<std::pair<std::string, uint32_t>> values;
  for (const Variant& variant : variants()) {
    auto bad = [&](const std::string& why) {
      wrong += std::string(variant.calls) + "/" +
               (variant.values.empty() ? "" : std::to_string(variant.values[0])) + ": " + why +
               "; ";
    };
    wrong += badArguments(variant.calls, variant.args);
    if (variant.values.empty()) bad("no value");
    for (const std::string& call : split(variant.calls, ',')) {
      if (callsByName(call).empty()) bad("no call " + call);
      auto own = std::pair(int(variant.selector), variant.mask);
      if (selectors.try_emplace(call, own).first->second != own) bad("another selector");
      for (uint32_t value : variant.values) {
        if (value & ~variant.mask) bad("a value beyond the mask");
        if (!values.emplace(call, value).second)
          bad("the value " + std::to_string(value) + " twice");
      }
    }
  }
  if (variantKeys().size() > SWOLL_MAX_PLANS) wrong += "more variants than the kernel's map holds";
  return wrong;
}

std::string badLayouts() {
  std::string wrong;
  std::set<std::string> names;
  for (const Layout& layout : allLayouts()) {
    auto bad = [&](const std::string& why) {
      wrong += std::string(layout.name) + ": " + why + "; ";
    };
    if (!names.insert(layout.name).second) bad("is there twice");
    for (const Member& member : layout.members) {
      if (readsSet(member.kind) && !findSet(member.set)) bad(std::string("no set ") + member.set);
      // Only a row that was placed before can be within another.
      if (member.kind == ArgKind::structure && !names.contains(member.set))
        bad(std::string("no row ") + member.set + " before it");
    }
  }
  return wrong;
}

std::string badRoundTrips() {
  std::string wrong;
  for (CallId id = 1; id < syscallTable().size(); id++) {
    const Syscall& row = syscall(id);
    bool numbered = false;
    for (size_t arch = 0; arch < archCount; arch++) {
      if (row.number[arch] < 0) continue;
      numbered = true;
      if (callByNumber(Arch(arch), uint32_t(row.number[arch])) != id) wrong += row.sysName + "; ";
      if (row.number[arch] >= SWOLL_MAX_NUMBERS)
        wrong += row.sysName + " is beyond the kernel's array; ";
    }
    if (!numbered) wrong += row.sysName + " has no number; ";
    if (row.sysName != std::string("sys_") + row.name) wrong += row.sysName + " is not its name; ";
    for (const std::string& name : {std::string(row.name), row.sysName}) {
      bool found = false;
      for (CallId same : callsByName(name)) found |= same == id;
      if (!found) wrong += name + " is not found; ";
    }
  }
  return wrong;
}

std::string unknownClasses() {
  static const std::set<std::string> known = {
      "FileSystem", "Network", "Time", "System", "Signals", "IPC", "ProcessManagement"};
  std::set<std::string> wrong, seen;
  for (const Syscall& row : syscallTable().subspan(1)) {
    seen.insert(row.klass);
    if (!known.contains(row.klass)) wrong.insert(row.klass);
    if (!*row.group) wrong.insert(row.sysName + " has no group");
  }
  for (const std::string& klass : known)
    if (!seen.contains(klass)) wrong.insert(klass + " has no call");
  return join(std::vector(wrong.begin(), wrong.end()), "; ");
}

void hasSoundRows(void**) {
  assert_in_range(syscallTable().size(), 300, maxCalls - 1);
  assert_string_equal(keep(sharedNumbers()), "");
  assert_string_equal(keep(badArguments()), "");
  assert_string_equal(keep(badVariants()), "");
  assert_string_equal(keep(badLayouts()), "");
  assert_string_equal(keep(badRoundTrips()), "");
  assert_string_equal(keep(unknownClasses()), "");
}

// Sizes of structures as this compiler has them, where the C library's are the kernel's.
std::string wrongSizes() {
  static const struct {
    const char* name;
    size_t size;
  } rows[] = {
#define ROW(type) {#type, sizeof(struct type)}
      ROW(timespec),
      ROW(timeval),
      ROW(clone_args),
#undef ROW
  };
  std::string wrong;
  for (const auto& row : rows) {
    const Layout* layout = findLayout(row.name);
    size_t size = layout ? placement(*layout, false).size : 0;
    if (size != row.size)
      wrong += std::string(row.name) + " has " + std::to_string(size) + " bytes and not " +
               std::to_string(row.size) + "; ";
  }
  return wrong;
}

void hasSizesOfThisMachine(void**) { assert_string_equal(keep(wrongSizes()), ""); }

void findsByNumber(void**) {
  static const struct {
    Arch arch;
    uint32_t number;
    const char* name;
  } rows[] = {
      {Arch::x86_64, 257, "openat"},   {Arch::i386, 295, "openat"},
      {Arch::arm64, 56, "openat"},     {Arch::x86_64, 59, "execve"},
      {Arch::i386, 11, "execve"},      {Arch::arm64, 221, "execve"},
      {Arch::x86_64, 0, "read"},       {Arch::i386, 0, "restart_syscall"},
      {Arch::x86_64, 1023, "unknown"}, {Arch::arm64, UINT32_MAX, "unknown"},
  };
  for (const auto& row : rows)
    assert_string_equal(syscall(callByNumber(row.arch, row.number)).name, row.name);
  assert_string_equal(syscall(maxCalls + 1).name, "unknown");
}

// ---- the running kernel ----

const char* tracingFolder() {
  for (const char* path :
       {"/sys/kernel/tracing/events/syscalls", "/sys/kernel/debug/tracing/events/syscalls"})
    if (DIR* folder = opendir(path)) {
      closedir(folder);
      return path;
    }
  return nullptr;
}

// What the kernel's files call otherwise (after its functions, not its table).
std::string nameInTable(const std::string& event) {
  static const std::map<std::string, std::string> others = {
      {"newstat", "stat"},   {"newfstat", "fstat"},      {"newlstat", "lstat"},
      {"newuname", "uname"}, {"sendfile64", "sendfile"}, {"umount", "umount2"}};
  auto other = others.find(event);
  return other == others.end() ? event : other->second;
}

// The arguments that a format file names: each line behind that of the number.
std::vector<std::string> argumentsIn(const std::string& path) {
  std::vector<std::string> names;
  std::ifstream file(path);
  bool begun = false;
  for (std::string line; std::getline(file, line);) {
    if (line.find("field:") == line.npos) continue;
    std::string declared = line.substr(0, line.find(';'));
    std::string name = declared.substr(declared.find_last_of(" *") + 1);
    if (begun) names.push_back(name);
    begun |= name == "__syscall_nr" || name == "nr";
  }
  return names;
}

// Calls that this kernel has and the table lacks, or has with other arguments.
std::string differsFromKernel(const std::string& folder) {
  std::string wrong;
  size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string event = entry.path().filename();
    if (!event.starts_with("sys_enter_")) continue;
    seen++;
    std::string name = nameInTable(event.substr(strlen("sys_enter_")));
    auto ids = callsByName(name);
    auto native = std::find_if(ids.begin(), ids.end(), [](CallId id) {
      return syscall(id).number[size_t(hostArchs().front())] >= 0;
    });
    if (native == ids.end()) {
      wrong += name + " is not in the table; ";
      continue;
    }
    size_t has = syscall(*native).args.size(), kernel = argumentsIn(entry.path() / "format").size();
    // Its one argument is where the stack has the signals that were blocked.
    if (name == "rt_sigreturn") kernel++;
    if (has != kernel)
      wrong += name + " has " + std::to_string(has) + " arguments, and the kernel's " +
               std::to_string(kernel) + "; ";
  }
  return seen < 100 ? "only " + std::to_string(seen) + " events there" : wrong;
}

void agreesWithThisKernel(void**) {
  const char* folder = tracingFolder();
  if (!folder) {
    print_message("skipped: /sys/kernel/tracing is not readable here\n");
    skip();
  }
  assert_string_equal(keep(differsFromKernel(folder)), "");
}

// ---- sets of calls, as users write them ----

// Whether `call` is in the set, one character a call.
std::string has(const std::string& list, const std::vector<const char*>& calls) {
  auto set = parseCalls(split(list, ','));
  if (!set) return set.error();
  std::string out;
  for (const char* call : calls) out += set->test(callsByName(call).front()) ? 'y' : 'n';
  return out + (set->test(unknownCall) ? "+" : "");
}

void parsesSets(void**) {
  static const struct {
    const char *list, *expected;  // of openat, close, connect, execve; + with unknown numbers
  } rows[] = {
      {"openat", "ynnn"},
      {"sys_openat", "ynnn"},
      {"openat,connect", "ynyn"},
      {"@Files", "yynn"},
      {"@files", "yynn"},
      {"@FileSystem", "yynn"},
      {"@network", "nnyn"},
      {"@NETWORK", "nnyn"},
      {"@Sockets,@Execution", "nnyy"},
      {"all", "yyyy+"},
      {"!close", "ynyy+"},
      {"!@Files,!execve", "nnyn+"},
      {"@Files,!close", "ynnn"},
      {"!close,close", "yyyy+"},
      {"@Files,!@Files,openat", "ynnn"},
      {"opennat", "unknown system call 'opennat'; did you mean 'openat'?"},
      {"sys_opennat", "unknown system call 'sys_opennat'; did you mean 'openat'?"},
      {"!opennat", "unknown system call 'opennat'; did you mean 'openat'?"},
      {"@Fils", "unknown group of system calls '@Fils'; did you mean '@Files'?"},
      {"@", "unknown group of system calls '@'"},
      {"@zzzzzzzz", "unknown group of system calls '@zzzzzzzz'"},
      {"zzzzzzzz", "unknown system call 'zzzzzzzz'"},
      {"!", "unknown system call ''"},
      {"", "no system calls given; name some, such as 'openat,@Network' or 'all'"},
      {"close,!close", "the list of system calls leaves none"},
      {"!all", "the list of system calls leaves none"},
  };
  for (const auto& row : rows)
    assert_string_equal(keep(has(row.list, {"openat", "close", "connect", "execve"})),
                        row.expected);
}

std::string emptyWord() {
  auto set = parseCalls({"openat", ""});
  return set ? "taken" : set.error();
}

void refusesEmptyWords(void**) {
  assert_string_equal(keep(emptyWord()), "empty word in the list of system calls");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(hasSoundRows),
      cmocka_unit_test(findsByNumber),
      cmocka_unit_test(hasSizesOfThisMachine),
      cmocka_unit_test(agreesWithThisKernel),
      cmocka_unit_test(parsesSets),
      cmocka_unit_test(refusesEmptyWords),
  };
  return cmocka_run_group_tests_name("table", tests, nullptr, nullptr);
}
