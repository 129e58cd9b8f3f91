// SPDX-License-Identifier: Apache-2.0
#include "core/syscall-table.h"

#include <strings.h>
#include <array>
#include <unordered_map>

#include "core/syscall-vocabulary.h"
#include "core/text.h"

namespace swoll {
namespace {

using namespace vocabulary;

std::vector<Syscall> makeRows() {
  return {
      {"unknown", {-1, -1, -1}, "Unknown", "Unknown", {}},  // row 0
#include "syscalls.def"
  };
}

std::vector<Variant> makeVariants() {
  return {
#include "variants.def"
  };
}

struct Table {
  std::vector<Syscall> rows = makeRows();
  std::vector<Variant> variants = makeVariants();
  std::vector<VariantKey> keys;
  std::unordered_map<uint64_t, const Variant*> byKey;
  std::vector<const Variant*> anyVariant;  // by call: the selector and mask of its variants
  std::array<std::vector<CallId>, archCount> byNumber;
  std::unordered_map<std::string_view, std::vector<CallId>> byName;

  Table() {
    for (Syscall& row : rows) row.sysName = std::string("sys_") + row.name;
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
