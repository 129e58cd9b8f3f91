// SPDX-License-Identifier: Apache-2.0
// Kinds of event. A *type* is what traces ask for and the kernel has routes for: a system call, or
// one of the things that happen to processes. Each kind has a range of them. What a kind is in
// other rooms is a row there: how its records are decoded (trace/kind-table.h), how it is shown
// (render-json.cc, render-text.cc).
#pragma once

#include <bitset>
#include <cstdint>
#include <span>

#include "bpf/abi.h"

namespace swoll {

using EventType = uint16_t;
inline constexpr size_t maxTypes = SWOLL_MAX_TYPES;
using TypeSet = std::bitset<maxTypes>;

enum class EventKind : uint8_t { syscall, process };
inline constexpr size_t kindCount = 2;

// A value.
struct KindInfo {
  const char* name;      // as JSON has it: "syscall", "process"
  const char* prefix;    // of its types in paths and in text: "process:" of "process:exec"
  EventType first, end;  // its types
};

// Never fails: a number that is no type is a call's, which nobody knows.
EventKind kindOf(EventType type);
const KindInfo& kindInfo(EventKind kind);
// All types of a kind.
TypeSet typesOf(EventKind kind);

}  // namespace swoll
