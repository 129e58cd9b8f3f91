// SPDX-License-Identifier: Apache-2.0
#include "probe/capture-plan.h"

#include <iterator>
#include <string_view>

namespace swoll {
namespace {

static_assert(maxCalls == SWOLL_MAX_CALLS);

struct KindPlan {
  swoll_op op;
  swoll_length length;
};
const KindPlan kindPlans[] = {
#define KIND(id, capture, length, format) {SWOLL_OP_##capture, SWOLL_LEN_##length},
#include "core/arg-kinds.def"
#undef KIND
};

bool readOnExit(swoll_op op) { return op == SWOLL_OP_bytesOut || op == SWOLL_OP_bytes4; }

// What makes a call unlike others on its way through the kernel.
struct FlagRow {
  std::string_view call;
  swoll_call_flag flag;
};
const FlagRow flagRows[] = {
    {"exit", SWOLL_CALL_noreturn},   {"exit_group", SWOLL_CALL_noreturn},
    {"execve", SWOLL_CALL_exec},     {"execveat", SWOLL_CALL_exec},
    {"unshare", SWOLL_CALL_renames}, {"setns", SWOLL_CALL_renames},
};

}  // namespace

swoll_call_plan capturePlan(const Syscall& call) {
  swoll_call_plan plan{};
  for (const FlagRow& row : flagRows)
    if (row.call == call.name) plan.flags |= row.flag;
  // What the table does not know is sent with all six registers.
  plan.nargs = call.number[0] < 0 && call.number[1] < 0 && call.number[2] < 0
                   ? SWOLL_ARGS
                   : uint8_t(call.args.size());
  for (size_t i = 0; i < call.args.size() && i < SWOLL_ARGS; i++) {
    const Arg& arg = call.args[i];
    const KindPlan& kind = kindPlans[size_t(arg.kind)];
    if (kind.op == SWOLL_OP_none) continue;
    (readOnExit(kind.op) ? plan.exit : plan.entry) |= uint8_t(1u << i);
    plan.args[i].op = kind.op;
    // A buffer's size follows it, unless its row says which argument has it.
    size_t lengthArg = arg.lengthArg < 0 ? i + 1 : size_t(arg.lengthArg);
    plan.args[i].length = kind.length;
    plan.args[i].length_arg = uint8_t(lengthArg);
    if (kind.length == SWOLL_LEN_arg && lengthArg < call.args.size()) {
      ArgKind size = call.args[lengthArg].kind;
      if (size == ArgKind::sint || size == ArgKind::uint) plan.args[i].length = SWOLL_LEN_arg32;
    }
  }
  return plan;
}

}  // namespace swoll
