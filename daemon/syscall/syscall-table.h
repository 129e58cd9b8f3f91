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

#include "bpf/abi.h"
#include "syscall/arg-kind.h"

namespace swoll {

// The ABI that a call was made through; the same number means another call in each.
enum class Arch : uint8_t { x86_64, i386, arm64 };
inline constexpr int archCount = 3;
const char* archName(Arch arch);

// The ABIs that this build's kernel can serve, native first.
std::span<const Arch> hostArchs();

// What a register is to the arguments: on 32-bit ABIs two hold one value of 64 bits.
enum class Share : uint8_t {
  own,
  upper,   // the upper half of the argument before; on 64-bit ABIs that has all of it
  lower,   // the lower half of the argument before
  unused,  // without meaning here, not shown
};

struct Arg {
  const char* name;
  ArgKind kind;          // of the value in the register, or of what it points to
  const char* ctype;     // the C type, for `--types` and `swollctl syscalls`
  const char* set = "";  // flags, enumeration: a set of schema/flags.def; structure: its row
  uint8_t width = 4;     // bytes of the register that count
  // What the kernel reads besides the register, see bpf/abi.h.
  swoll_op op = SWOLL_OP_none;
  uint8_t when = 0;  // SWOLL_AT_*
  swoll_length length = SWOLL_LEN_fixed;
  int8_t lengthArg = -1;              // the argument that holds the length, or its address
  uint16_t size = 1, compatSize = 1;  // of one element
  int8_t reg = -1;                    // the register, when it is not that of its place in the row
  bool spread = false;                // the members of its structure are shown as arguments
  const char* label = "";             // strace's name for it: "child_stack="
  Condition only = {};                // when it is there; `of` is a register

  bool told = false;      // strace says with the result, or not at all, what it became
  bool replaces = false;  // what the call leaves has all that it was given
  uint16_t least = 0, compatLeast = 0;  // fewer bytes mean nothing to the call
  bool isWhole = false;                 // so do fewer than all of them
  uint16_t times = 1;                   // so many elements, whatever the other arguments say
  bool array = false;                   // several elements, though its length is fixed
  // Given only when the structure that this argument points to is: its first word is not 0 then.
  int8_t givenWith = -1;
  Share share = Share::own;
  bool isPath = false;  // a string that the call looks up as a path

  bool isInput() const { return when & SWOLL_AT_entry; }
  bool isOutput() const { return when & ~SWOLL_AT_entry; }
};

// What a result that is no error is.
struct Returns {
  ArgKind kind = ArgKind::sint;
  const char* set = "";
  // Null, or strace's word for it, behind the number: "0x1e (seals F_SEAL_GROW)".
  const char* note = nullptr;
  bool decimal = false;  // how that number is written
};

struct Syscall {
  const char* name;           // as the kernel names it, without "sys_"
  int16_t number[archCount];  // -1: not in that ABI
  const char* klass;          // FileSystem, Network, ...
  const char* group;          // Files, Sockets, ...
  std::span<const Arg> args;
  Returns result = {};
  std::string sysName = {};  // "sys_openat": what users and the seeds call it
};

// A row of schema/variants.def.
struct Variant {
  const char* calls;
  uint8_t selector;
  uint32_t mask;
  std::span<const uint32_t> values;
  std::span<const Arg> args;
  Returns result = {};
};

// A row's index, stable within one build: what the kernel knows a call by.
// 0 is the row of every number that the table does not have.
using CallId = uint16_t;
inline constexpr CallId unknownCall = 0;
// Behind them are types of other kinds of event (event/kind.h).
inline constexpr size_t maxCalls = SWOLL_MAX_CALLS;

std::span<const Syscall> syscallTable();
const Syscall& syscall(CallId id);
CallId callByNumber(Arch arch, uint32_t number);
std::span<const Variant> variants();
// The variant of a call with these registers, null when its own row holds.
const Variant* variantOf(CallId id, std::span<const uint64_t, SWOLL_ARGS> args);
// Each (call, value of its selector) with the index of its variant.
struct VariantKey {
  CallId call;
  uint32_t value;
  size_t variant;
};
std::span<const VariantKey> variantKeys();
// "openat" or "sys_openat". A name can have several rows where ABIs order arguments differently.
std::vector<CallId> callsByName(std::string_view name);
// Rows whose class or group is `name` (any case); empty when there is none.
std::vector<CallId> callsByGroup(std::string_view name);
// The nearest known call name, for error messages; empty when nothing is near.
std::string nearestCallName(std::string_view name);
std::string nearestGroupName(std::string_view name);

}  // namespace swoll
