// SPDX-License-Identifier: Apache-2.0
#include "core/struct-layouts.h"

#include <cstdint>
#include <cstring>

#include "core/names.h"

namespace swoll {
namespace {

enum class As { number, address, flags, signal };

struct Member {
  const char* name;
  uint16_t offset;
  uint16_t size;
  As as;
  const char* set = "";
};

struct Layout {
  const char* name;
  std::vector<Member> members;
};

const Layout layouts[] = {
    // include/uapi/linux/sched.h
    {"clone_args",
     {{"flags", 0, 8, As::flags, "clone3_flags"},
      {"pidfd", 8, 8, As::address},
      {"child_tid", 16, 8, As::address},
      {"parent_tid", 24, 8, As::address},
      {"exit_signal", 32, 8, As::signal},
      {"stack", 40, 8, As::address},
      {"stack_size", 48, 8, As::number},
      {"tls", 56, 8, As::address},
      {"set_tid", 64, 8, As::address},
      {"set_tid_size", 72, 8, As::number},
      {"cgroup", 80, 8, As::number}}},
};

Value show(const Member& member, uint64_t raw) {
  switch (member.as) {
    case As::address:
      return Address{raw};
    case As::flags:
      if (auto* set = findSet(member.set)) return flagNames(*set, raw);
      break;
    case As::signal:
      if (std::string name = signalName(int(raw)); !name.empty()) return Symbol{name};
      break;
    case As::number:
      break;
  }
  return Unsigned{raw};
}

}  // namespace

Value decodeStruct(std::string_view name, std::string_view bytes) {
  for (const Layout& layout : layouts) {
    if (name != layout.name) continue;
    Fields out;
    for (const Member& member : layout.members) {
      if (size_t(member.offset) + member.size > bytes.size()) break;
      uint64_t raw = 0;  // little-endian, as every architecture served here
      memcpy(&raw, bytes.data() + member.offset, member.size);
      out.fields.push_back({member.name, show(member, raw)});
    }
    return out;
  }
  return Bytes{std::string(bytes)};
}

}  // namespace swoll
