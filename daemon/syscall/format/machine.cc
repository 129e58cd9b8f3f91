// SPDX-License-Identifier: Apache-2.0
// Single numbers of calls that run the machine, where strace has its own words for them.
#include "base/time-text.h"
#include "event/names.h"
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

// The name of the part of a value under a mask, empty when it has none.
std::string partName(const char* set, uint64_t value, uint64_t mask) {
  if (const FlagSet* names = findSet(set))
    for (const FlagName& row : names->names)
      if (row.mask == mask && row.value == (value & mask)) return row.name;
  return {};
}

std::string named(const std::string& name, uint64_t value, const char* unknown) {
  return name.empty() ? formatNumber("%#llx", value) + " /* " + unknown + " */" : name;
}

}  // namespace

Value quotaCommand(const FormatInput& in) {
  std::string command = partName(in.set, in.raw, 0xffffff00), type = partName(in.set, in.raw, 0xff);
  const FlagSet* set = findSet(in.set);
  return Form{{flagNames(*set, in.raw)},
              "QCMD(" + named(command, in.raw >> 8 & 0xffffff, "Q_???") + ", " +
                  named(type, in.raw & 0xff, "???QUOTA") + ")"};
}

// include/linux/swap.h: a priority in the lower 15 bits.
Value swapFlags(const FormatInput& in) {
  constexpr uint64_t priority = 0x7fff;
  Flags out = flagNames(*findSet(in.set), in.raw & ~priority);
  std::string level = std::to_string(in.raw & priority), said;
  for (const std::string& name : out.names) said += name + "|";
  Value plain = out;
  if (in.raw & priority) {
    out.names.push_back(level);
    plain = out;
  }
  return Form{{plain}, said + level};
}

Value personality(const FormatInput& in) {
  Flags names = flagNames(*findSet("personality"), in.raw);
  std::string said;
  for (const std::string& name : names.names) said += (said.empty() ? "" : "|") + name;
  return Form{{names}, formatNumber("%#llx", in.raw) + " (" + said + ")"};
}

}  // namespace swoll::formats
