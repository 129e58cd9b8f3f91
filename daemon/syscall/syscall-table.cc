// SPDX-License-Identifier: Apache-2.0
#include "syscall/syscall-table.h"

#include <strings.h>
#include <array>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "syscall/syscall-vocabulary.h"

namespace swoll {
namespace {

using namespace vocabulary;

constexpr CallRow callRows[] = {
    {"unknown", {-1, -1, -1}, "Unknown", "Unknown", {}},  // row 0
#include "schema/syscalls.def"
};

constexpr VariantRow variantRows[] = {
#include "schema/variants.def"
};

// What a row leaves to its layout.
struct Completed {
  std::deque<std::vector<Arg>> args;
  std::deque<std::string> texts;

  const char* keep(std::string text) { return texts.emplace_back(std::move(text)).c_str(); }

  std::span<const Arg> complete(std::initializer_list<Arg> written) {
    std::vector<Arg>& out = args.emplace_back(written);
    for (Arg& arg : out) complete(arg);
    return out;
  }

  void complete(Arg& arg) {
    if (arg.width == ofType) arg.width = widthOf(arg.ctype);
    if (!arg.ctype)
      arg.ctype =
          keep((arg.when == entry ? "const struct " : "struct ") + std::string(arg.set) + " *");
    arg.size = sizeOf(arg, arg.size, false) * arg.times;
    arg.compatSize = sizeOf(arg, arg.compatSize, true) * arg.times;
    if (arg.isWhole) arg.least = arg.size, arg.compatLeast = arg.compatSize;
  }

  static uint8_t widthOf(std::string_view ctype) {
    for (const char* wide : {"long", "size_t", "*", "off_t", "64", "aio_context_t"})
      if (ctype.find(wide) != ctype.npos) return 8;
    return ctype == "umode_t" ? 2 : 4;
  }

  static uint16_t sizeOf(const Arg& arg, uint16_t written, bool compat) {
    if (written != ofLayout) return written;
    const Layout* layout = findLayout(arg.set, compat);
    return layout ? placement(*layout, compat).size : 1;
  }
};

struct Table {
  Completed completed;
  std::vector<Syscall> rows;
  std::vector<Variant> variants;
  std::vector<VariantKey> keys;
  std::unordered_map<uint64_t, const Variant*> byKey;
  std::vector<const Variant*> anyVariant;  // by call: the selector and mask of its variants
  std::array<std::vector<CallId>, archCount> byNumber;
  std::unordered_map<std::string_view, std::vector<CallId>> byName;

  Table() {
    for (const CallRow& row : callRows)
      rows.push_back({row.name,
                      {row.number[0], row.number[1], row.number[2]},
                      row.klass,
                      row.group,
                      completed.complete(row.args),
                      row.result,
                      std::string("sys_") + row.name});
    for (const VariantRow& row : variantRows)
      variants.push_back({row.calls, row.selector, row.mask, row.values,
                          completed.complete(row.args), row.result});
    for (CallId id = 1; id < rows.size(); id++) {
      byName[rows[id].name].push_back(id);
      for (int arch = 0; arch < archCount; arch++) {
        int number = rows[id].number[arch];
        if (number < 0) continue;
        if (byNumber[arch].size() <= size_t(number)) byNumber[arch].resize(number + 1);
        byNumber[arch][number] = id;
      }
    }
    anyVariant.resize(rows.size());
    for (size_t index = 0; index < variants.size(); index++) indexVariant(index);
  }

  static uint64_t key(CallId call, uint32_t value) { return uint64_t(call) << 32 | value; }

  void indexVariant(size_t index) {
    const Variant& variant = variants[index];
    for (const std::string& name : split(variant.calls, ',')) {
      for (CallId id : byName[name]) {
        anyVariant[id] = &variant;
        for (uint32_t value : variant.values) {
          keys.push_back({id, value, index});
          byKey.emplace(key(id, value), &variant);
        }
      }
    }
  }
};

// Built once, never changed: the table is data, not state.
const Table& table() {
  static const Table instance;
  return instance;
}

std::string_view bare(std::string_view name) {
  return name.starts_with("sys_") ? name.substr(4) : name;
}

bool same(std::string_view a, const char* b) {
  return std::string_view(b).size() == a.size() && strncasecmp(a.data(), b, a.size()) == 0;
}

}  // namespace

const char* archName(Arch arch) {
  static constexpr const char* names[archCount] = {"x86_64", "i386", "arm64"};
  return names[size_t(arch)];
}

std::span<const Arch> hostArchs() {
#if defined(__x86_64__)
  static constexpr Arch archs[] = {Arch::x86_64, Arch::i386};
#elif defined(__aarch64__)
  static constexpr Arch archs[] = {Arch::arm64};
#else
#error "no system call table for this architecture"
#endif
  return archs;
}

std::span<const Syscall> syscallTable() { return table().rows; }

const Syscall& syscall(CallId id) {
  const auto& rows = table().rows;
  return rows[id < rows.size() ? id : unknownCall];
}

CallId callByNumber(Arch arch, uint32_t number) {
  const auto& numbers = table().byNumber[size_t(arch)];
  return number < numbers.size() ? numbers[number] : unknownCall;
}

std::span<const Variant> variants() { return table().variants; }

std::span<const VariantKey> variantKeys() { return table().keys; }

const Variant* variantOf(CallId id, std::span<const uint64_t, SWOLL_ARGS> args) {
  const Table& all = table();
  const Variant* any = id < all.anyVariant.size() ? all.anyVariant[id] : nullptr;
  if (!any) return nullptr;
  auto found = all.byKey.find(Table::key(id, uint32_t(args[any->selector]) & any->mask));
  return found == all.byKey.end() ? nullptr : found->second;
}

std::vector<CallId> callsByName(std::string_view name) {
  auto found = table().byName.find(bare(name));
  return found == table().byName.end() ? std::vector<CallId>{} : found->second;
}

std::vector<CallId> callsByGroup(std::string_view name) {
  std::vector<CallId> found;
  for (CallId id = 1; id < table().rows.size(); id++) {
    const Syscall& row = table().rows[id];
    if (same(name, row.klass) || same(name, row.group)) found.push_back(id);
  }
  return found;
}

std::string nearestCallName(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Syscall& row : syscallTable().subspan(1)) names.push_back(row.name);
  return nearest(bare(name), names);
}

std::string nearestGroupName(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Syscall& row : syscallTable().subspan(1)) {
    names.push_back(row.klass);
    names.push_back(row.group);
  }
  return nearest(name, names);
}

}  // namespace swoll
