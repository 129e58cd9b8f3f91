// SPDX-License-Identifier: Apache-2.0
// Structures by their rows in schema/structs.def.
#include <algorithm>
#include <cstring>

#include "event/strace-value.h"
#include "syscall/format/formats.h"
#include "syscall/layout.h"

namespace swoll::formats {
namespace {

bool isBytes(ArgKind kind) { return kind >= ArgKind::text; }

Value element(const Member& member, std::string_view bytes, bool compat) {
  FormatInput in;
  in.set = member.set;
  in.width = uint8_t(bytes.size());
  in.bytes = bytes;
  in.compat = compat;
  if (!isBytes(member.kind)) {
    uint64_t raw = 0;  // little-endian, as every architecture served here
    memcpy(&raw, bytes.data(), std::min(bytes.size(), sizeof(raw)));
    if (member.bitSize) raw = raw >> member.bitShift & ((1ull << member.bitSize) - 1);
    in.raw = extend(member.kind, raw, in.width);
  }
  return format(member.kind, in);
}

Value memberValue(const Placed& placed, std::string_view bytes, bool compat) {
  const Member& member = *placed.member;
  size_t size = size_t(placed.width) * member.count;
  std::string_view own = bytes.substr(placed.offset, size);
  if (member.count == 1 || member.kind == ArgKind::characters || member.kind == ArgKind::text ||
      member.kind == ArgKind::hwaddr || member.kind == ArgKind::sockaddr ||
      member.kind == ArgKind::controlCharacters)
    return element(member, own, compat);
  List out;
  for (size_t i = 0; i < member.count; i++)
    out.items.push_back(element(member, own.substr(i * placed.width, placed.width), compat));
  return out;
}

uint64_t rawOf(const Placed& placed, std::string_view bytes) {
  uint64_t raw = 0;
  if (placed.offset < bytes.size())
    memcpy(&raw, bytes.data() + placed.offset,
           std::min({size_t(placed.width), sizeof(raw), bytes.size() - size_t(placed.offset)}));
  return raw;
}

bool isMeant(const Placement& placement, const Placed& placed, std::string_view bytes) {
  const Condition& only = placed.member->only;
  if (only.of < 0 || only.holds(rawOf(placement.members[size_t(only.of)], bytes))) return true;
  return placed.member->orSet && rawOf(placed, bytes) != 0;
}

// What the caller gave behind the last member that is known, in strace's words.
Value rest(std::string_view bytes, size_t from) {
  FormatInput in;
  in.bytes = bytes.substr(from);
  auto shown = std::get<Form>(hexBytes(in));
  shown.strace = "/* bytes " + std::to_string(from) + ".." + std::to_string(bytes.size() - 1) +
                 " */ " + shown.strace;
  return shown;
}

// What the n-th followed pointer points to; none where it was not read.
Value pointeeValue(const FormatInput& in, const Member& member, size_t n) {
  if (!in.record) return {};
  auto part = swoll_part(SWOLL_PART_pointee + n);
  const Block* block = in.record->find(in.index, part, in.output);
  if (!block || block->flags & SWOLL_BLOCK_faulted) return {};
  FormatInput to;
  to.set = member.set;
  to.bytes = block->bytes;
  to.compat = in.compat;
  to.array = true;
  Value value = format(member.pointee, to);
  if (!(block->flags & SWOLL_BLOCK_truncated)) return value;
  std::string spelled = straceText(value, true);
  return Form{{std::move(value)}, std::move(spelled)};
}

// Members that are there only in part are left out: what is shown was read.
Value one(const Placement& layout, std::string_view bytes, const FormatInput& in) {
  bool compat = in.compat;
  size_t followed = 0;
  Fields out, spelled;
  bool differs = false;
  for (uint16_t at : layout.order) {
    const Placed& placed = layout.members[at];
    if (!placed.member->shown || !isMeant(layout, placed, bytes)) continue;
    bool within = placed.member->kind == ArgKind::structure && placed.member->count == 1;
    if (placed.offset + (within ? 1 : size_t(placed.width) * placed.member->count) > bytes.size())
      continue;
    Value value;
    if (placed.member->points) value = pointeeValue(in, *placed.member, followed);
    followed += placed.member->points;
    if (std::holds_alternative<std::monostate>(value)) value = memberValue(placed, bytes, compat);
    if (!*placed.member->name) return value;
    // strace's word for an IPv6 address has the member's name in it.
    bool says = placed.member->kind == ArgKind::in6Address;
    if (says) value = namedIn6Address(std::get<Form>(value), placed.member->name);
    differs |= says;
    spelled.fields.push_back({says ? "" : placed.member->name, value});
    out.fields.push_back({placed.member->name, std::move(value)});
  }
  if (differs) return Form{{std::move(out)}, straceText(spelled)};
  return out;
}

}  // namespace

Value structure(const FormatInput& in) {
  const Layout* layout = findLayout(in.set, in.compat);
  if (!layout) return Bytes{std::string(in.bytes)};
  const Placement& placed = placement(*layout, in.compat);
  bool single = layout->members.size() == 1 && !*layout->members.begin()->name;

  if (in.array) {
    List out;
    for (size_t at = 0; at + placed.size <= in.bytes.size(); at += placed.size)
      out.items.push_back(one(placed, in.bytes.substr(at, placed.size), in));
    return out;
  }
  if (single && in.bytes.size() < placed.size) return Bytes{std::string(in.bytes)};
  Value value = one(placed, in.bytes, in);
  auto* fields = std::get_if<Fields>(&value);
  // Of too small a size nothing can be said.
  if (fields && fields->fields.empty() && in.record) return Address{in.raw};
  if (fields && in.extensible && in.bytes.find_first_not_of('\0', placed.size) != in.bytes.npos) {
    Fields spelled = *fields;
    Value more = rest(in.bytes, placed.size);
    spelled.fields.push_back({"", more});
    fields->fields.push_back({"rest", std::move(more)});
    value = Form{{std::move(value)}, straceText(spelled)};
  }
  // A pointer to one number. (A structure within another is never a pointer.)
  bool list = std::holds_alternative<List>(value);
  return single && in.record && !list ? Value(Pointed{{value}}) : value;
}

}  // namespace swoll::formats
