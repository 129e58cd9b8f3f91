// SPDX-License-Identifier: Apache-2.0
#include "syscall/decode.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>

#include "event/strace-value.h"
#include "syscall/format/formats.h"
#include "syscall/layout.h"
#include "syscall/target.h"

namespace swoll {
namespace {

// waitid(2) answers 0 with a child and without one; only then has it written to its pointers.
bool isGivenWith(const Record& record, const Arg& arg) {
  if (arg.givenWith < 0) return true;
  const Block* other = record.find(uint8_t(arg.givenWith), SWOLL_PART_memory, true);
  return other && other->bytes.substr(0, 4).find_first_not_of('\0') != std::string_view::npos;
}

bool isCompat(const swoll_record& head) { return Arch(head.arch) != hostArchs().front(); }

Argument rawArgument(const Record& record, size_t index) {
  static constexpr const char* names[SWOLL_ARGS] = {"arg0", "arg1", "arg2", "arg3", "arg4", "arg5"};
  uint64_t raw = record.args[index];
  Argument out;
  out.name = names[index];
  out.type = "unsigned long";
  out.raw = raw;
  out.value = Address{raw};
  return out;
}

constexpr uint8_t whichSide = SWOLL_BLOCK_output | SWOLL_BLOCK_at_exit;

// One side of an argument that points to memory. False: nothing was read there.
bool decodeSide(const Record& record, const Arg& arg, uint8_t index, bool output, Argument& notes,
                Value& value) {
  const Block* block = record.find(index, SWOLL_PART_memory, output);
  if (!block || (block->flags & SWOLL_BLOCK_faulted && block->bytes.empty())) return false;
  // A structure of no bytes is none.
  if (block->bytes.empty() && arg.kind == ArgKind::structure && arg.length == SWOLL_LEN_fixed)
    return false;
  // Half a structure is none.
  bool array = arg.length == SWOLL_LEN_count || arg.length == SWOLL_LEN_ret;
  if (arg.op == SWOLL_OP_memory && !array && block->flags & SWOLL_BLOCK_faulted) return false;
  if (block->bytes.size() < (isCompat(*record.head) ? arg.compatLeast : arg.least)) return false;
  // What was there of memory that then ended is shown, and is not all.
  notes.faulted |= bool(block->flags & SWOLL_BLOCK_faulted);
  notes.truncated |= bool(block->flags & (SWOLL_BLOCK_truncated | SWOLL_BLOCK_faulted));
  notes.atExit |= bool(block->flags & SWOLL_BLOCK_at_exit);
  if (notes.truncated) notes.fullLength = block->full;
  // Of what a vector or message points to, all at the same time as itself.
  if (arg.kind == ArgKind::vector || arg.kind == ArgKind::message ||
      arg.kind == ArgKind::messages) {
    for (const Block& part : std::span(record.blocks).first(record.blockCount)) {
      if (part.arg != index || (part.flags ^ block->flags) & whichSide) continue;
      notes.faulted |= bool(part.flags & SWOLL_BLOCK_faulted);
      notes.truncated |= bool(part.flags & (SWOLL_BLOCK_truncated | SWOLL_BLOCK_faulted));
    }
  }
  FormatInput in;
  in.set = arg.set;
  in.raw = record.args[index];
  in.bytes = block->bytes;
  in.compat = isCompat(*record.head);
  in.array = arg.array || arg.length == SWOLL_LEN_count || arg.length == SWOLL_LEN_pages ||
             arg.length == SWOLL_LEN_nodes || (arg.length == SWOLL_LEN_ret && arg.size != 1);
  in.extensible = arg.length == SWOLL_LEN_arg;
  in.record = &record;
  in.index = index;
  in.output = output;
  value = format(arg.kind, in);
  return true;
}

// strace's name of an argument is a matter of spelling.
void addLabel(Argument& arg, const char* label) {
  std::string text = label + straceText(arg.value, arg.truncated);
  arg.value = Form{{std::move(arg.value)}, std::move(text)};
}

// The members of a structure, as arguments.
void spreadMembers(std::vector<Argument>& args, const Arg& arg) {
  Fields* fields = std::get_if<Fields>(&args.back().value);
  const Layout* layout = findLayout(arg.set);
  if (!fields || !layout) return;
  Argument whole = std::move(args.back());
  args.pop_back();
  for (Field& field : std::get<Fields>(whole.value).fields) {
    for (const Member& member : layout->members) {
      if (field.name != member.name) continue;
      Argument one;
      one.name = member.name;
      one.type = "";
      one.raw = whole.raw;
      one.value = std::move(field.value);
      args.push_back(std::move(one));
      break;
    }
  }
}

// The value of a register, with that of the next one where they are halves of it.
uint64_t registerValue(const Record& record, size_t index, Share next) {
  uint64_t raw = record.args[index], other = index + 1 < SWOLL_ARGS ? record.args[index + 1] : 0;
  if (next == Share::upper && isCompat(*record.head)) return other << 32 | uint32_t(raw);
  if (next == Share::lower) return raw << 32 | uint32_t(other);
  return raw;
}

// None where there is nothing to add to the number.
Value resultOf(const Returns& result, const FormatInput& in) {
  Value value = format(result.kind, in);
  if (result.kind == ArgKind::enumeration && !std::holds_alternative<Symbol>(value)) return {};
  if (!result.note) return value;
  const Flags* flags = std::get_if<Flags>(&value);
  if (flags && flags->names.empty()) return {};
  char number[32];
  snprintf(number, sizeof number, result.decimal ? "%llu (" : "%#llx (",
           static_cast<unsigned long long>(in.raw));
  std::string text = number + (result.note + straceText(value)) + ")";
  return Form{{std::move(value)}, std::move(text)};
}

}  // namespace

Argument decodeArgument(const Record& record, const Arg& arg, size_t index, Share next) {
  const swoll_record& head = *record.head;
  uint64_t raw = registerValue(record, index, next);
  Argument out;
  out.name = arg.name;
  out.type = arg.ctype;
  out.raw = raw;
  if (arg.op == SWOLL_OP_none) {
    FormatInput in;
    in.set = arg.set;
    // A long of the 32-bit ABI, unless two of its registers were put together.
    in.width = isCompat(head) && next == Share::own ? std::min<uint8_t>(arg.width, 4) : arg.width;
    in.raw = extend(arg.kind, raw, in.width);
    in.compat = isCompat(head);
    in.record = &record;
    in.index = uint8_t(index);
    out.value = format(arg.kind, in);
    return out;
  }
  auto at = uint8_t(index);
  bool given = arg.isOutput() && swoll_is_given(arg.when, head.ret) && isGivenWith(record, arg);
  if (arg.isInput()) {
    if (!decodeSide(record, arg, at, false, out, out.value)) {
      out.value = Address{raw};
      // Of an ioctl that says that it reads nothing, nothing was read.
      out.faulted =
          raw != 0 && (arg.length != SWOLL_LEN_ioctl || record.find(at, SWOLL_PART_memory, false));
    }
    if (given && !decodeSide(record, arg, at, true, out, out.after)) out.after = {};
    bool after = !std::holds_alternative<std::monostate>(out.after);
    if (arg.told && after) out.after = Form{{std::move(out.after)}, ""};
    if (arg.replaces && after) out.value = std::exchange(out.after, {});
  } else if (!given || !decodeSide(record, arg, at, true, out, out.value)) {
    // A call that failed wrote nothing; its pointer is all there is to say.
    out.value = Address{raw};
    out.faulted = given && raw != 0;
  }
  return out;
}

Event decode(const Record& record, ClockBase base) {
  const swoll_record& head = *record.head;
  const Syscall& row = syscall(head.type);
  Event event = decodeHead(head, base);
  event.number = head.number;
  event.name = row.sysName;
  event.klass = row.klass;
  event.group = row.group;
  event.arch = archName(Arch(head.arch < archCount ? head.arch : 0));
  event.result = head.ret;
  event.returned = !(head.flags & SWOLL_RECORD_noreturn);
  event.executed = !(head.flags & SWOLL_RECORD_unexecuted);

  if (!(head.flags & SWOLL_RECORD_no_args))
    event.registers.assign(record.args.begin(), record.args.end());
  if (head.type == unknownCall) {
    for (size_t i = 0; i < SWOLL_ARGS; i++) event.args.push_back(rawArgument(record, i));
    return event;
  }
  const Variant* variant = variantOf(head.type, record.args);
  std::span<const Arg> args = variant ? variant->args : row.args;
  event.args.reserve(args.size());
  for (size_t i = 0; i < args.size(); i++) {
    const Arg& arg = args[i];
    if (arg.only.of >= 0 && !arg.only.holds(record.args[size_t(arg.only.of)])) continue;
    if (arg.share != Share::own) continue;
    Share next = i + 1 < args.size() ? args[i + 1].share : Share::own;
    size_t reg = arg.reg < 0 ? i : size_t(arg.reg);
    event.args.push_back(decodeArgument(record, arg, reg, next));
    addTarget(record, arg, i > 0 ? &args[i - 1] : nullptr, reg, event.args.back());
    if (arg.spread) spreadMembers(event.args, arg);
    if (*arg.label) addLabel(event.args.back(), arg.label);
  }
  event.resultTarget = resultTarget(record);
  const Returns& result = variant ? variant->result : row.result;
  // Descriptors and counts are shown as the numbers that they are.
  if (event.returned && !event.error() && result.kind != ArgKind::sint &&
      result.kind != ArgKind::fd) {
    FormatInput in;
    in.set = result.set;
    in.compat = isCompat(head);
    in.raw = in.compat ? uint32_t(head.ret) : uint64_t(head.ret);
    in.record = &record;
    event.resultValue = resultOf(result, in);
  }
  return event;
}

}  // namespace swoll
