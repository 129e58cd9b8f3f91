// SPDX-License-Identifier: Apache-2.0
// How an argument is shown: one function a format, named in arg-kinds.def. A new kind of argument
// is a row there and, if nothing here fits it, one function here.
#pragma once

#include <string_view>

#include "core/syscall-table.h"
#include "core/value.h"

namespace swoll {

struct FormatInput {
  const Arg& arg;
  uint64_t raw;
  std::string_view bytes;  // what was read, for kinds that read
};

namespace formats {
Value sint(const FormatInput&);
Value uint(const FormatInput&);
Value slong(const FormatInput&);
Value ulong(const FormatInput&);
Value address(const FormatInput&);
Value octal(const FormatInput&);
Value fd(const FormatInput&);
Value dirfd(const FormatInput&);
Value flags(const FormatInput&);
Value enumeration(const FormatInput&);
Value signal(const FormatInput&);
Value text(const FormatInput&);
Value list(const FormatInput&);
Value sockaddr(const FormatInput&);
Value pointedUint(const FormatInput&);
Value structure(const FormatInput&);
}  // namespace formats

}  // namespace swoll
