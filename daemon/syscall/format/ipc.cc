// SPDX-License-Identifier: Apache-2.0
// System V IPC: flags that hold permissions, and messages with their types.
#include <cstdio>
#include <cstring>

#include "event/names.h"
#include "syscall/format/formats.h"

namespace swoll::formats {

Value flagsMode(const FormatInput& in) {
  constexpr uint64_t permissions = 0777;
  static const FlagSet none{"", {}};
  const FlagSet* set = findSet(in.set);
  char text[8];
  snprintf(text, sizeof text, "%#03o", unsigned(in.raw & permissions));
  Flags out = flagNames(set ? *set : none, in.raw & ~permissions);
  if (out.names.empty()) return Octal{in.raw};
  out.names.emplace_back(text);
  return out;
}

Value messageText(const FormatInput& in) {
  size_t width = in.compat ? 4 : 8;
  if (in.bytes.size() < width) return Address{in.raw};
  uint64_t raw = 0;
  memcpy(&raw, in.bytes.data(), width);
  Fields out;
  out.fields.push_back({"mtype", Signed{int64_t(extend(ArgKind::sint, raw, uint8_t(width)))}});
  out.fields.push_back({"mtext", Bytes{std::string(in.bytes.substr(width))}});
  return out;
}

}  // namespace swoll::formats
