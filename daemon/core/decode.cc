// SPDX-License-Identifier: Apache-2.0
#include "core/decode.h"

#include <cstring>

#include "core/formats.h"

namespace swoll {
namespace {

// What the kernel reads for a kind, and how it is shown: the columns of arg-kinds.def.
struct KindRow {
  swoll_op op;
  Value (*format)(const FormatInput&);
};
const KindRow kindRows[] = {
#define KIND(id, capture, length, format) {SWOLL_OP_##capture, formats::format},
#include "core/arg-kinds.def"
#undef KIND
};

bool readOnExit(swoll_op op) { return op == SWOLL_OP_bytesOut || op == SWOLL_OP_bytes4; }

Argument rawArgument(const Record& record, size_t index) {
  static constexpr const char* names[SWOLL_ARGS] = {"arg0", "arg1", "arg2", "arg3", "arg4", "arg5"};
  uint64_t raw = record.args[index];
  return {.name = names[index], .type = "unsigned long", .raw = raw, .value = Address{raw}};
}

}  // namespace

Argument decodeArgument(const Record& record, const Arg& arg, size_t index) {
  const swoll_record& head = *record.head;
  const KindRow& kind = kindRows[size_t(arg.kind)];
  Argument out{.name = arg.name, .type = arg.ctype, .raw = record.args[index], .value = {}};
  FormatInput input{arg, record.args[index], {}};

  if (kind.op != SWOLL_OP_none) {
    const auto& block = record.blocks[index];
    // A call that failed wrote nothing; its pointer is all there is to say.
    bool wrote = !readOnExit(kind.op) || head.ret >= 0;
    if (!block || out.raw == 0 || (block->flags & SWOLL_BLOCK_faulted && block->bytes.empty())) {
      out.value = Address{out.raw};
      out.faulted = out.raw != 0 && wrote;
      return out;
    }
    out.truncated = block->flags & (SWOLL_BLOCK_truncated | SWOLL_BLOCK_faulted);
    out.atExit = block->flags & SWOLL_BLOCK_at_exit;
    if (out.truncated) out.fullLength = block->full;
    input.bytes = block->bytes;
  }
  out.value = kind.format(input);
  return out;
}

Event decode(const Record& record, ClockBase base) {
  const swoll_record& head = *record.head;
  const Syscall& row = syscall(head.call);
  Event event;
  event.call = head.call;
  event.number = head.number;
  event.name = row.sysName;
  event.klass = row.klass;
  event.group = row.group;
  event.arch = archName(Arch(head.arch < archCount ? head.arch : 0));
  event.pid = head.pid;
  event.tid = head.tid;
  event.uid = head.uid;
  event.gid = head.gid;
  event.session = head.session;
  event.comm.assign(head.comm, strnlen(head.comm, SWOLL_COMM));
  event.namespaces = {head.ns[SWOLL_NS_pid],   head.ns[SWOLL_NS_uts], head.ns[SWOLL_NS_mount],
                      head.ns[SWOLL_NS_net],   head.ns[SWOLL_NS_ipc], head.ns[SWOLL_NS_user],
                      head.ns[SWOLL_NS_cgroup]};
  event.result = head.ret;
  event.returned = !(head.flags & SWOLL_RECORD_noreturn);
  event.start = head.start + uint64_t(base.boot);
  event.finish = head.finish + uint64_t(base.boot);
  event.time = int64_t(uint64_t(base.real) + head.start);

  size_t count = head.call == unknownCall ? SWOLL_ARGS : row.args.size();
  event.args.reserve(count);
  for (size_t i = 0; i < count; i++)
    event.args.push_back(head.call == unknownCall ? rawArgument(record, i)
                                                  : decodeArgument(record, row.args[i], i));
  return event;
}

}  // namespace swoll
