// SPDX-License-Identifier: Apache-2.0
#include "core/formats.h"

#include <fcntl.h>

#include <cstring>

#include "core/names.h"
#include "core/struct-layouts.h"

namespace swoll::formats {

namespace {

const FlagSet& setOf(const char* name) {
  static const FlagSet none{"", {}};
  const FlagSet* found = findSet(name);
  return found ? *found : none;
}

}  // namespace

Value sint(const FormatInput& in) { return Signed{int32_t(in.raw)}; }
Value uint(const FormatInput& in) { return Unsigned{uint32_t(in.raw)}; }
Value slong(const FormatInput& in) { return Signed{int64_t(in.raw)}; }
Value ulong(const FormatInput& in) { return Unsigned{in.raw}; }
Value address(const FormatInput& in) { return Address{in.raw}; }
Value octal(const FormatInput& in) { return Octal{uint32_t(in.raw)}; }
Value fd(const FormatInput& in) { return Signed{int32_t(in.raw)}; }

Value dirfd(const FormatInput& in) {
  if (int32_t(in.raw) == AT_FDCWD) return Symbol{"AT_FDCWD"};
  return fd(in);
}

Value flags(const FormatInput& in) {
  // Most flag words are ints, whose upper half in the register means nothing.
  bool wide = strstr(in.arg.ctype, "long") != nullptr;
  return flagNames(setOf(in.arg.set), wide ? in.raw : uint32_t(in.raw));
}

Value enumeration(const FormatInput& in) {
  std::string name = enumName(setOf(in.arg.set), uint32_t(in.raw));
  if (!name.empty()) return Symbol{name};
  return sint(in);
}

Value signal(const FormatInput& in) {
  std::string name = signalName(int(in.raw));
  return name.empty() ? sint(in) : Value(Symbol{name});
}

Value text(const FormatInput& in) { return Bytes{std::string(in.bytes)}; }

// Elements one behind the other, each with its terminator; a last one without it was cut.
Value list(const FormatInput& in) {
  List out;
  std::string_view rest = in.bytes;
  while (!rest.empty()) {
    size_t end = rest.find('\0');
    out.items.push_back(Bytes{std::string(rest.substr(0, end))});
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return out;
}

Value pointedUint(const FormatInput& in) {
  uint32_t value = 0;
  if (in.bytes.size() < sizeof(value)) return Address{in.raw};
  memcpy(&value, in.bytes.data(), sizeof(value));
  return List{{Unsigned{value}}};
}

Value structure(const FormatInput& in) { return decodeStruct(in.arg.set, in.bytes); }

}  // namespace swoll::formats
