// SPDX-License-Identifier: Apache-2.0
// Names of numbers: flags and enumerations (schema/flags.def), errnos, signals.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.h"

namespace swoll {

// One name of a set. Where several names share bits (O_RDONLY, O_WRONLY, O_RDWR), the mask covers
// all of those; a lone flag is its own mask.
struct FlagName {
  const char* name;
  uint64_t value;
  uint64_t mask = value;
  bool shift =
      false;  // the bits of the mask are a number, shifted by `value`: "21<<MAP_HUGE_SHIFT"
};

// The names of one kind of flags or enumeration. A value; the sets of the table live forever.
struct FlagSet {
  const char* name;
  std::initializer_list<FlagName> names;
  const char* unknown =
      nullptr;  // what strace notes where no name fits; null: by the names' prefix
};

// The set that a row of the table names, null when there is none.
const FlagSet* findSet(std::string_view name);

// The names whose bits are in `value`, in the set's order; a bit is named once at most. Bits that
// no name explains follow as one "0x...". Empty for a zero that has no name.
Flags flagNames(const FlagSet& set, uint64_t value);

// The same in strace's words: empty where those are the names alone, joined by "|". What no name
// explains has a note there: "0x8 /* MREMAP_??? */".
std::string flagText(const FlagSet& set, uint64_t value);
// "MREMAP_???"; empty for a set whose names have no prefix in common.
std::string unknownName(const FlagSet& set);

// The one name of `value`, empty when there is none. The kernel's enumerations are ints: what a
// caller left in the register's upper half does not count.
std::string enumName(const FlagSet& set, uint64_t value);

// "ENOENT", and the kernel's own ones that only a tracer sees ("ERESTARTSYS"); "E999" when unknown.
std::string errnoName(int number);
// "No such file or directory"; empty when unknown. In English, whatever the locale.
std::string errnoMessage(int number);
std::optional<int> errnoByName(std::string_view name);
// For error messages; empty when nothing is near.
std::string nearestErrno(std::string_view name);

// "SIGHUP", "SIGRT_3"; empty for a number that is no signal's.
std::string signalName(int number);

}  // namespace swoll
