// SPDX-License-Identifier: Apache-2.0
// Values of calls that govern processes, memory and devices.
#include <cstdio>
#include <cstring>

#include "event/names.h"
#include "event/strace-value.h"
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

template <typename... Args>
std::string text(const char* form, Args... args) {
  char out[160];
  snprintf(out, sizeof out, form, args...);
  return out;
}

unsigned long long number(uint64_t raw) { return raw; }

FormatInput named(const char* set, uint64_t raw) {
  FormatInput in;
  in.set = set;
  in.raw = raw;
  return in;
}

// A name, with its number before it in strace's words.
Value noted(const FormatInput& in, Value plain, const std::string& number) {
  const FlagSet* set = findSet(in.set);
  std::string name = set ? enumName(*set, in.raw) : "";
  std::string note = name.empty() && set ? unknownName(*set) : name;
  Value value = name.empty() ? std::move(plain) : Value(Symbol{name});
  return Form{{std::move(value)}, note.empty() ? number : number + " /* " + note + " */"};
}

}  // namespace

Value pageOffset(const FormatInput& in) { return Hex{in.raw << 12}; }

Value limit(const FormatInput& in) {
  if (in.width >= 8 && in.raw == ~0ull) return Symbol{"RLIM64_INFINITY"};
  if (in.width < 8 && in.raw == ~0u) return Symbol{"RLIM_INFINITY"};
  if (in.raw > 1024 && in.raw % 1024 == 0)
    return Form{{Unsigned{in.raw}}, text("%llu*1024", number(in.raw / 1024))};
  return Unsigned{in.raw};
}

// include/uapi/linux/ioprio.h: the class above bit 13.
Value ioprio(const FormatInput& in) {
  auto raw = uint32_t(in.raw);
  Value klass = enumeration(named("ioprio_class", raw >> 13));
  uint32_t data = raw & 0x1fff;
  std::string spelled =
      "IOPRIO_PRIO_VALUE(" + straceText(klass) + ", " + std::to_string(data) + ")";
  return Form{{Fields{{{"class", std::move(klass)}, {"data", Unsigned{data}}}}}, spelled};
}

Value errorNumber(const FormatInput& in) {
  auto value = int64_t(in.raw);
  if (value < 0 && value > -4096) return Symbol{"-" + errnoName(int(-value))};
  return Signed{value};
}

Value keySerial(const FormatInput& in) {
  const FlagSet* set = findSet("key_serial");
  std::string name = set ? enumName(*set, in.raw) : "";
  if (!name.empty()) return Symbol{name};
  return Signed{int32_t(in.raw)};
}

// include/uapi/linux/version.h
Value kernelVersion(const FormatInput& in) {
  auto raw = uint32_t(in.raw);
  return Form{{Hex{raw}},
              text("KERNEL_VERSION(%u, %u, %u)", raw >> 16, raw >> 8 & 0xff, raw & 0xff)};
}

Value pidOrAny(const FormatInput& in) {
  if (int32_t(in.raw) == -1) return Symbol{"PR_SET_PTRACER_ANY"};
  return Signed{int32_t(in.raw)};
}

// include/uapi/linux/futex.h, FUTEX_OP.
Value futexWakeOp(const FormatInput& in) {
  auto raw = uint32_t(in.raw);
  uint32_t operation = raw >> 28, compare = raw >> 24 & 0xf;
  auto part = [](const char* set, uint32_t value, int shift, const char* unknown) {
    std::string name = enumName(*findSet(set), value);
    return name.empty() ? text("%#x<<%d /* %s */", value, shift, unknown)
                        : name + text("<<%d", shift);
  };
  std::string spelled = operation & 8 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "";
  spelled += part("futex_wake_op", operation & 7, 28, "FUTEX_OP_???");
  spelled += text("|%#x<<12|", raw >> 12 & 0xfff);
  spelled += part("futex_wake_cmp", compare, 24, "FUTEX_OP_CMP_???");
  return Form{{Hex{raw}}, spelled + text("|%#x", raw & 0xfff)};
}

// include/uapi/asm-generic/ioctl.h
Value request(const FormatInput& in) {
  const FlagSet* set = findSet(in.set);
  auto raw = uint32_t(in.raw);
  std::string name = set ? enumName(*set, raw) : "";
  if (!name.empty()) return Symbol{name};
  static const char* const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
                                           "_IOC_READ|_IOC_WRITE"};
  return Form{{Hex{raw}},
              text("_IOC(%s, %#x, %#x, %#x)", directions[raw >> 30], raw >> 8 & 0xff, raw & 0xff,
                   raw >> 16 & 0x3fff)};
}

// "[VINTR]=0x3": by their names, which have indexes for values.
Value controlCharacters(const FormatInput& in) {
  const FlagSet* set = findSet(in.set);
  Fields out;
  std::string spelled;
  for (size_t i = 0; i < in.bytes.size(); i++) {
    std::string name = set ? enumName(*set, i) : "";
    if (name.empty()) name = std::to_string(i);
    auto value = uint8_t(in.bytes[i]);
    spelled += (i ? ", [" : "[[") + name + text("]=%#x", value);
    out.fields.push_back({name, Hex{value}});
  }
  return Form{{std::move(out)}, spelled + "]"};
}

Value bits(const FormatInput& in) {
  const FlagSet* set = findSet(in.set);
  Flags names = set ? flagNames(*set, in.raw) : Flags{};
  std::string spelled = text("%#llx", number(in.raw));
  if (!names.names.empty()) spelled += " /* " + straceText(names) + " */";
  return Form{{std::move(names)}, spelled};
}

Value hexNamed(const FormatInput& in) {
  return noted(in, Hex{in.raw}, text("%#llx", number(in.raw)));
}
Value decimalNamed(const FormatInput& in) {
  return noted(in, Unsigned{in.raw}, std::to_string(in.raw));
}

Value threadName(const FormatInput& in) {
  static constexpr size_t counts = 15;
  Bytes name{std::string(in.bytes.substr(0, counts))};
  if (in.bytes.size() <= counts) return name;
  std::string spelled = straceText(name, true);
  return Form{{std::move(name)}, std::move(spelled)};
}

// include/uapi/linux/capability.h: versions 2 and 3 have their upper 32 bits in a second element.
Value capabilities(const FormatInput& in) {
  static constexpr uint32_t version2 = 0x20071026, version3 = 0x20080522;
  static constexpr const char* names[] = {"effective", "permitted", "inheritable"};
  uint32_t version = 0, words[6] = {};
  const Block* head = in.record ? in.record->find(0, SWOLL_PART_memory, false) : nullptr;
  if (head && head->bytes.size() >= sizeof(version))
    memcpy(&version, head->bytes.data(), sizeof(version));
  bool wide = version == version2 || version == version3;
  size_t bytes = wide ? 24 : 12;
  if (in.bytes.size() < bytes) return Address{in.raw};
  memcpy(words, in.bytes.data(), bytes);

  static const FlagSet none{"", {}};
  const FlagSet* set = findSet("capability");
  Fields out;
  for (size_t i = 0; i < 3; i++) {
    Flags held;
    std::string spelled;
    for (uint64_t bit = 0; bit < 64; bit++) {
      if (!((words[i] | uint64_t(words[i + 3]) << 32) >> bit & 1)) continue;
      std::string name = enumName(set ? *set : none, bit);
      if (name.empty()) continue;
      spelled += (spelled.empty() ? "1<<" : "|1<<") + name;
      held.names.push_back(name);
    }
    uint64_t known = (1ull << (set ? set->names.size() : 0)) - 1;
    for (size_t half = 0; half < 2; half++) {
      uint32_t rest = words[i + 3 * half] & ~uint32_t(known >> (32 * half));
      if (!rest) continue;
      held.names.push_back(text("%#llx", number(uint64_t(rest) << (32 * half))));
      spelled += text(spelled.empty() ? "%#x" : "|%#x", rest);
    }
    if (spelled.empty()) spelled = "0";
    out.fields.push_back({names[i], Form{{std::move(held)}, std::move(spelled)}});
  }
  return out;
}

}  // namespace swoll::formats
