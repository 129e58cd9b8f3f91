// SPDX-License-Identifier: Apache-2.0
#include "syscall/layout.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "syscall/layout-vocabulary.h"

namespace swoll {
namespace {

using namespace layoutVocabulary;

constexpr Layout layouts[] = {
#include "schema/structs.def"
};

uint16_t alignUp(uint16_t value, uint16_t align) {
  return uint16_t((value + align - 1) / align * align);
}

Placement place(const Layout& layout, bool compat) {
  Placement out;
  uint16_t longBytes = compat ? 4 : 8;
  uint16_t offset = 0;
  for (const Member& member : layout.members) {
    uint16_t width = member.width ? member.width : longBytes, align = width;
    if (member.kind == K::structure) {
      const Placement& inner = placement(*findLayout(member.set), compat);
      width = inner.size;
      align = inner.align;
    } else if (member.kind == K::in6Address || member.kind == K::inAddress) {
      align = member.kind == K::inAddress ? 4 : 1;
    }
    // The i386 ABI aligns eight bytes as four.
    align = std::min(align, longBytes);
    if (layout.packed) align = 1;
    if (member.bitSize && member.bitShift) {
      out.members.push_back({&member, uint16_t(offset - width), width});
      continue;
    }
    uint16_t start = member.over ? out.members.back().offset : alignUp(offset, align);
    out.members.push_back({&member, start, width});
    offset = std::max(offset, uint16_t(start + width * member.count));
    out.align = std::max(out.align, align);
  }
  out.size = alignUp(offset, out.align);
  auto show = [&](auto wanted) {
    for (size_t i = 0; i < out.members.size(); i++)
      if (wanted(*out.members[i].member)) out.order.push_back(uint16_t(i));
  };
  if (!*layout.order) show([](const Member&) { return true; });
  for (const std::string& name : split(layout.order, ' '))
    show([&](const Member& member) { return name == member.name; });
  return out;
}

}  // namespace

std::span<const Layout> allLayouts() { return layouts; }

const Layout* findLayout(std::string_view name, bool compat) {
  using Index = std::unordered_map<std::string_view, const Layout*>;
  static const auto byName = [] {
    constexpr std::string_view mark = "@i386";
    std::array<Index, 2> index;
    for (const Layout& layout : layouts) {
      std::string_view name = layout.name;
      if (name.ends_with(mark)) {
        name.remove_suffix(mark.size());
        index[true].insert_or_assign(name, &layout);
      } else {
        index[false].emplace(name, &layout);
        index[true].emplace(name, &layout);
      }
    }
    return index;
  }();
  auto found = byName[compat].find(name);
  return found == byName[compat].end() ? nullptr : found->second;
}

const Placement& placement(const Layout& layout, bool compat) {
  // A row that holds another comes behind it, so the inner one is placed first.
  static std::unordered_map<const Layout*, Placement> placed[2];
  auto found = placed[compat].find(&layout);
  if (found == placed[compat].end())
    found = placed[compat].emplace(&layout, place(layout, compat)).first;
  return found->second;
}

}  // namespace swoll
