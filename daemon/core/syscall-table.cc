// SPDX-License-Identifier: Apache-2.0
#include "core/syscall-table.h"

#include <strings.h>
#include <array>
#include <unordered_map>

#include "core/text.h"

namespace swoll {
namespace {

// The vocabulary of schema/syscalls.def: one function a kind, with its usual C type.
using K = ArgKind;
Arg sint(const char* n, const char* t = "int") { return {n, K::sint, t}; }
Arg uint(const char* n, const char* t = "unsigned int") { return {n, K::uint, t}; }
Arg slong(const char* n, const char* t = "long") { return {n, K::slong, t}; }
Arg ulong(const char* n, const char* t = "unsigned long") { return {n, K::ulong, t}; }
Arg size(const char* n) { return {n, K::ulong, "size_t"}; }
Arg address(const char* n, const char* t = "void *") { return {n, K::address, t}; }
Arg octal(const char* n) { return {n, K::octal, "mode_t"}; }
Arg fd(const char* n) { return {n, K::fd, "int"}; }
Arg dirfd(const char* n) { return {n, K::dirfd, "int"}; }
Arg signal(const char* n) { return {n, K::signal, "int"}; }
Arg path(const char* n) { return {n, K::path, "const char *"}; }
Arg string(const char* n) { return {n, K::string, "const char *"}; }
Arg strings(const char* n) { return {n, K::strings, "const char *const *"}; }
Arg flags(const char* n, const char* set, const char* t = "int") { return {n, K::flags, t, set}; }
Arg enumeration(const char* n, const char* set, const char* t = "int") {
  return {n, K::enumeration, t, set};
}
Arg bufferIn(const char* n, int8_t length) { return {n, K::bufferIn, "const void *", "", length}; }
Arg bufferOut(const char* n, int8_t length = -1) { return {n, K::bufferOut, "void *", "", length}; }
Arg sockaddrIn(const char* n, int8_t length) {
  return {n, K::sockaddrIn, "const struct sockaddr *", "", length};
}
Arg sockaddrOut(const char* n, int8_t length) {
  return {n, K::sockaddrOut, "struct sockaddr *", "", length};
}
Arg uintPointer(const char* n, const char* t = "int *") { return {n, K::uintPointer, t}; }
Arg structIn(const char* n, const char* layout, int8_t length) {
  return {n, K::structIn, "const void *", layout, length};
}

std::vector<Syscall> makeRows() {
  return {
      {"unknown", {-1, -1, -1}, "Unknown", "Unknown", {}},  // row 0
#include "syscalls.def"
  };
}

struct Table {
  std::vector<Syscall> rows = makeRows();
  std::array<std::vector<CallId>, archCount> byNumber;
  std::unordered_map<std::string_view, std::vector<CallId>> byName;

  Table() {
    for (Syscall& row : rows) row.sysName = std::string("sys_") + row.name;
    for (CallId id = 1; id < rows.size(); id++) {
      byName[rows[id].name].push_back(id);
      for (int arch = 0; arch < archCount; arch++) {
        int number = rows[id].number[arch];
        if (number < 0) continue;
        if (byNumber[arch].size() <= size_t(number)) byNumber[arch].resize(number + 1);
        byNumber[arch][number] = id;
      }
    }
  }
};

// Built once, never changed: the table is data, not state.
const Table& table() {
  static const Table instance;
  return instance;
}

std::string_view bare(std::string_view name) {
  return name.starts_with("sys_") ? name.substr(4) : name;
}

bool same(std::string_view a, const char* b) {
  return std::string_view(b).size() == a.size() && strncasecmp(a.data(), b, a.size()) == 0;
}

}  // namespace

const char* archName(Arch arch) {
  static constexpr const char* names[archCount] = {"x86_64", "i386", "arm64"};
  return names[size_t(arch)];
}

std::span<const Arch> hostArchs() {
#if defined(__x86_64__)
  static constexpr Arch archs[] = {Arch::x86_64, Arch::i386};
#elif defined(__aarch64__)
  static constexpr Arch archs[] = {Arch::arm64};
#else
#error "no system call table for this architecture"
#endif
  return archs;
}

std::span<const Syscall> syscallTable() { return table().rows; }

const Syscall& syscall(CallId id) {
  const auto& rows = table().rows;
  return rows[id < rows.size() ? id : unknownCall];
}

CallId callByNumber(Arch arch, uint32_t number) {
  const auto& numbers = table().byNumber[size_t(arch)];
  return number < numbers.size() ? numbers[number] : unknownCall;
}

std::vector<CallId> callsByName(std::string_view name) {
  auto found = table().byName.find(bare(name));
  return found == table().byName.end() ? std::vector<CallId>{} : found->second;
}

std::vector<CallId> callsByGroup(std::string_view name) {
  std::vector<CallId> found;
  for (CallId id = 1; id < table().rows.size(); id++) {
    const Syscall& row = table().rows[id];
    if (same(name, row.klass) || same(name, row.group)) found.push_back(id);
  }
  return found;
}

std::string nearestCallName(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Syscall& row : syscallTable().subspan(1)) names.push_back(row.name);
  return nearest(bare(name), names);
}

std::string nearestGroupName(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Syscall& row : syscallTable().subspan(1)) {
    names.push_back(row.klass);
    names.push_back(row.group);
  }
  return nearest(name, names);
}

}  // namespace swoll
