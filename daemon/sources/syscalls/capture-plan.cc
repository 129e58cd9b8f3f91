// SPDX-License-Identifier: Apache-2.0
#include "sources/syscalls/capture-plan.h"

#include <map>
#include <string>
#include <string_view>

#include "syscall/layout.h"

namespace swoll {
namespace {

// What makes a call unlike others on its way through the kernel.
struct FlagRow {
  std::string_view call;
  swoll_call_flag flag;
};
const FlagRow flagRows[] = {
    {"exit", SWOLL_CALL_noreturn},      {"exit_group", SWOLL_CALL_noreturn},
    {"execve", SWOLL_CALL_exec},        {"execveat", SWOLL_CALL_exec},
    {"execve", SWOLL_CALL_renames},     {"execveat", SWOLL_CALL_renames},
    {"unshare", SWOLL_CALL_renames},    {"setns", SWOLL_CALL_renames},
    {"rt_sigreturn", SWOLL_CALL_frame},
};

struct PointeeRows {
  std::vector<swoll_pointee> rows;
  std::map<std::pair<const Layout*, bool>, size_t> first;

  PointeeRows() {
    for (const Layout& layout : allLayouts())
      for (bool compat : {false, true}) add(layout, compat);
  }

  void add(const Layout& layout, bool compat) {
    const auto& members = placement(layout, compat).members;
    size_t start = rows.size();
    for (const Placed& placed : members) {
      const Member& member = *placed.member;
      if (!member.points) continue;
      swoll_pointee row{};
      row.offset = placed.offset;
      row.width = uint8_t(placed.width);
      if (member.lengthOf >= 0) {
        const Placed& length = members[size_t(member.lengthOf)];
        row.length_offset = length.offset;
        row.length_width = uint8_t(length.width);
        row.size = member.pointeeSize;
      }
      rows.push_back(row);
    }
    if (rows.size() > start) first[{&layout, compat}] = start;
  }
};

const PointeeRows& pointeeRows() {
  static const PointeeRows all;
  return all;
}

void addPointees(const Arg& arg, swoll_arg_plan& plan) {
  if (arg.kind != ArgKind::structure || arg.op != SWOLL_OP_memory) return;
  const Layout* layout = findLayout(arg.set);
  const auto& first = pointeeRows().first;
  auto native = first.find({layout, false}), compat = first.find({findLayout(arg.set, true), true});
  if (native == first.end() || compat == first.end()) return;
  for (const Member& member : layout->members) plan.pointees += member.points;
  plan.pointee = uint8_t(native->second);
  plan.compat_pointee = uint8_t(compat->second);
}

void addArguments(std::span<const Arg> args, const Returns& result, swoll_call_plan& plan) {
  if (result.kind == ArgKind::fd) plan.flags |= SWOLL_CALL_makes_fd;
  for (size_t i = 0; i < args.size(); i++) {
    const Arg& arg = args[i];
    size_t reg = arg.reg < 0 ? i : size_t(arg.reg);
    if (reg >= SWOLL_ARGS) continue;
    auto bit = uint8_t(1u << reg);
    if (arg.kind == ArgKind::fd || arg.kind == ArgKind::dirfd) plan.descriptors |= bit;
    if (arg.kind == ArgKind::dirfd) plan.folders |= bit;
    if (arg.isPath) plan.paths |= bit;
    if (arg.op == SWOLL_OP_none) continue;
    if (arg.isInput()) plan.entry |= bit;
    if (arg.isOutput()) plan.exit |= bit;
    swoll_arg_plan& to = plan.args[reg];
    to = {};
    to.op = uint8_t(arg.op);
    to.when = arg.when;
    to.length = uint8_t(arg.length);
    to.length_arg = uint8_t(arg.lengthArg);
    to.size = arg.size;
    to.compat_size = arg.compatSize;
    addPointees(arg, to);
    bool byArg = arg.length != SWOLL_LEN_fixed && arg.length != SWOLL_LEN_pointer &&
                 arg.length != SWOLL_LEN_head;
    if (byArg && arg.lengthArg >= 0 && size_t(arg.lengthArg) < args.size() &&
        args[size_t(arg.lengthArg)].width == 4)
      to.length |= args[size_t(arg.lengthArg)].kind == ArgKind::sint
                       ? SWOLL_LEN_WORD | SWOLL_LEN_INT
                       : SWOLL_LEN_WORD;
  }
}

}  // namespace

std::span<const swoll_pointee> pointeeTable() { return pointeeRows().rows; }

swoll_call_plan capturePlan(CallId id) {
  const Syscall& call = syscall(id);
  swoll_call_plan plan{};
  for (const FlagRow& row : flagRows)
    if (row.call == call.name) plan.flags |= row.flag;
  // What the table does not know is sent with all six registers.
  plan.nargs = id == unknownCall ? SWOLL_ARGS : uint8_t(call.args.size());
  addArguments(call.args, call.result, plan);
  for (const VariantKey& key : variantKeys()) {
    if (key.call != id) continue;
    const Variant& variant = variants()[key.variant];
    plan.flags |= SWOLL_CALL_variants;
    plan.selector = variant.selector;
    plan.selector_mask = variant.mask;
  }
  return plan;
}

swoll_call_plan variantPlan(CallId id, const Variant& variant) {
  swoll_call_plan own = capturePlan(id), plan{};
  plan.flags = own.flags & ~SWOLL_CALL_makes_fd;
  plan.nargs = own.nargs;
  addArguments(variant.args, variant.result, plan);
  return plan;
}

}  // namespace swoll
