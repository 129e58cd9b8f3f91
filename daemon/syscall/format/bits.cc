// SPDX-License-Identifier: Apache-2.0
// Sets of numbers as the kernel has them: one bit each, in words of the machine.
#include <algorithm>

#include "event/names.h"
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

template <typename Visit>
void eachBit(std::string_view bytes, Visit visit) {
  for (size_t i = 0; i < bytes.size() * 8; i++)
    if (uint8_t(bytes[i / 8]) >> (i % 8) & 1) visit(i);
}

Form asForm(List items, const std::string& strace) { return {{std::move(items)}, strace}; }

}  // namespace

// strace leaves the SIG away, and names those that are not in a set of more than half.
Value signalSet(const FormatInput& in) {
  // The kernel refuses sets of another size; of what it fills, it may be asked for less.
  size_t word = in.compat ? 4 : 8;
  if (in.record &&
      (in.bytes.size() > 8 || in.bytes.empty() || (!in.output && in.bytes.size() < word)))
    return Address{in.raw};
  List out;
  std::string in_, out_;
  size_t count = 0, bits = in.bytes.size() * 8;
  auto shortName = [](size_t bit) {
    std::string name = signalName(int(bit + 1));
    if (name.empty()) return std::to_string(bit + 1);
    return name.starts_with("SIG") ? name.substr(3) : name;
  };
  for (size_t bit = 0; bit < bits; bit++) {
    bool set = uint8_t(in.bytes[bit / 8]) >> (bit % 8) & 1;
    if (set) {
      std::string name = signalName(int(bit + 1));
      out.items.push_back(name.empty() ? Value(Unsigned{bit + 1}) : Value(Symbol{name}));
      count++;
    }
    std::string& side = set ? in_ : out_;
    side += (side.empty() ? "" : " ") + shortName(bit);
  }
  bool inverted = count >= bits * 2 / 3 && bits > 0;
  return asForm(std::move(out), inverted ? "~[" + out_ + "]" : "[" + in_ + "]");
}

Value fdSet(const FormatInput& in) {
  List out;
  std::string said;
  // The kernel looks at whole words of it, the caller at the descriptors that it counted.
  bool counted = in.record && in.record->head;
  if (counted && int32_t(in.record->args[0]) < 0) return Address{in.raw};
  size_t limit = counted ? size_t(std::max(0, int32_t(in.record->args[0]))) : ~size_t(0);
  eachBit(in.bytes, [&](size_t fd) {
    if (fd >= limit) return;
    out.items.push_back(Unsigned{fd});
    said += (said.empty() ? "" : " ") + std::to_string(fd);
  });
  return asForm(std::move(out), "[" + said + "]");
}

Value cpuSet(const FormatInput& in) {
  FormatInput all = in;
  all.record = nullptr;
  return fdSet(all);
}

}  // namespace swoll::formats
