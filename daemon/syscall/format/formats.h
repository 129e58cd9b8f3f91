// SPDX-License-Identifier: Apache-2.0
// How a value is shown: one function a kind (arg-kinds.def), for registers, members of structures
// and results alike.
#pragma once

#include <string>
#include <string_view>

#include "event/record.h"
#include "event/value.h"
#include "syscall/arg-kind.h"

namespace swoll {

struct FormatInput {
  const char* set = "";     // names or layout
  uint64_t raw = 0;         // numbers: extended to 64 bits by their sign, if they have one
  uint8_t width = 8;        // bytes of the number
  std::string_view bytes;   // what was read, for kinds that are bytes
  bool compat = false;      // of a 32-bit call
  bool array = false;       // any number of elements, not one
  bool extensible = false;  // of a size that the caller gave: what is behind the members counts
  // For kinds with several parts: where they are.
  const Record* record = nullptr;
  uint8_t index = 0;  // of the argument
  bool output = false;
};

// A number of `width` bytes as FormatInput wants it.
uint64_t extend(ArgKind kind, uint64_t raw, uint8_t width);

Value format(ArgKind kind, const FormatInput& in);

// `width` bytes, at most 8, at an offset as a number; 0 where they are not there.
uint64_t wordAt(std::string_view bytes, size_t offset, size_t width);
// One structure, whatever the input says of arrays and pointers.
Value structureOf(const char* layout, std::string_view bytes, bool compat);
// The names of a set as a value of kind flags.
Value flagsOf(const char* set, uint64_t raw, uint8_t width = 8);

namespace formats {
// A signal's si_code.
Value signalCode(int signal, int code);
// "inet_pton(AF_INET6, "::1", &name)"
Form namedIn6Address(const Form& address, const std::string& name);

#define KIND(id) Value id(const FormatInput&);
#include "syscall/arg-kinds.def"
#undef KIND
}  // namespace formats

}  // namespace swoll
