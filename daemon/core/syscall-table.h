// SPDX-License-Identifier: Apache-2.0
// The one table of system calls. A row (schema/syscalls.def) drives the kernel's capture plan,
// decoding, names, completion and `swollctl syscalls`; nothing else knows a call by name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swoll {

// The ABI that a call was made through; the same number means another call in each.
enum class Arch : uint8_t { x86_64, i386, arm64 };
inline constexpr int archCount = 3;
const char* archName(Arch arch);

// The ABIs that this build's kernel can serve, native first.
std::span<const Arch> hostArchs();

// What an argument is: how it is captured, decoded and printed. The row of each kind is in
// arg-kinds.def.
enum class ArgKind : uint8_t {
#define KIND(id, ...) id,
#include "core/arg-kinds.def"
#undef KIND
};

struct Arg {
  const char* name;
  ArgKind kind;
  const char* ctype;      // the C type, for `--types` and `swollctl syscalls`
  const char* set = "";   // flags, enumeration: the set's name in schema/flags.def
  int8_t lengthArg = -1;  // buffer, sockaddr: the argument that holds the length (or its address)
};

struct Syscall {
  const char* name;           // as the kernel names it, without "sys_"
  int16_t number[archCount];  // -1: not in that ABI
  const char* klass;          // FileSystem, Network, ...
  const char* group;          // Files, Sockets, ...
  std::vector<Arg> args;
  std::string sysName = {};  // "sys_openat": what users and the seeds call it
};

// A row's index, stable within one build: what the kernel knows a call by.
// 0 is the row of every number that the table does not have.
using CallId = uint16_t;
inline constexpr CallId unknownCall = 0;
// Bounds the kernel's arrays (bpf/abi.h asserts that they agree).
inline constexpr size_t maxCalls = 512;

std::span<const Syscall> syscallTable();
const Syscall& syscall(CallId id);
CallId callByNumber(Arch arch, uint32_t number);
// "openat" or "sys_openat". A name can have several rows where ABIs order arguments differently.
std::vector<CallId> callsByName(std::string_view name);
// Rows whose class or group is `name` (any case); empty when there is none.
std::vector<CallId> callsByGroup(std::string_view name);
// The nearest known call name, for error messages; empty when nothing is near.
std::string nearestCallName(std::string_view name);
std::string nearestGroupName(std::string_view name);

}  // namespace swoll
