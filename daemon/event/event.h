// SPDX-License-Identifier: Apache-2.0
// One event, decoded: a finished system call, or what has happened to a process. A value, but the
// string views point into the table or into the message that it was read from: an event does not
// outlive those.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "containers/container.h"
#include "event/kind.h"
#include "event/value.h"

namespace swoll {

struct NamespaceIds {
  uint32_t pid = 0, uts = 0, mount = 0, net = 0, ipc = 0, user = 0, cgroup = 0;
};

struct Event {
  EventType type = 0;     // of a call: its row in the table; 0: unknown number
  std::string_view name;  // "sys_openat", "exec"

  // Of a call alone.
  uint32_t number = 0;
  std::string_view klass;  // "FileSystem"
  std::string_view group;  // "Files"
  std::string_view arch;   // "x86_64", "i386", "arm64"

  uint32_t pid = 0, tid = 0, uid = 0, gid = 0, session = 0;
  std::string comm;  // any bytes, at most 15
  NamespaceIds namespaces;
  const Container* container = nullptr;  // null for a host process
  // Where its pid or mount namespace is another container's: that one (`nsenter` into it).
  const Container* acting = nullptr;
  std::string_view unit;  // of a host process: "nginx.service"; empty where none is known

  // Of a call alone.
  int64_t result = 0;
  bool returned = true;  // false: the call does not return (exit), or by SIGSYS
  bool executed = true;  // false: a seccomp filter or a tracer answered it
  Value resultValue;     // a result that is no plain number (an address, flags); or none
  Value resultTarget;    // what a resulting descriptor stands for; or none

  uint64_t start = 0, finish = 0;  // ns since boot; the same, unless it is a call
  int64_t time = 0;                // of its start, ns since 1970

  std::vector<Argument> args;       // of a process: what is told of it
  std::vector<uint64_t> registers;  // as the call was made; none for a call without arguments

  EventKind kind() const { return kindOf(type); }

  // The errno of a failed call, or SWOLL_RESULT_SIGSYS; 0 otherwise.
  int error() const {
    return (returned || !executed) && result < 0 && result >= -4095 ? int(-result) : 0;
  }
};

}  // namespace swoll
