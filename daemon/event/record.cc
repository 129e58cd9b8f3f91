// SPDX-License-Identifier: Apache-2.0
#include "event/record.h"

#include <cstddef>
#include <cstring>

namespace swoll {
namespace {

bool matches(const Block& block, uint8_t arg, swoll_part part, bool output) {
  return block.arg == arg && block.part == part && bool(block.flags & SWOLL_BLOCK_output) == output;
}

}  // namespace

const Block* Record::find(uint8_t arg, swoll_part part, bool output) const {
  for (size_t i = blockCount; i-- > 0;)
    if (matches(blocks[i], arg, part, output)) return &blocks[i];
  return nullptr;
}

const Block* Record::find(uint8_t arg, swoll_part part, bool output, size_t n) const {
  // When inputs were read again on exit, those count.
  bool again = false;
  for (size_t i = 0; i < blockCount; i++)
    again |= matches(blocks[i], arg, part, output) && blocks[i].flags & SWOLL_BLOCK_at_exit;
  for (size_t i = 0; i < blockCount; i++) {
    if (!matches(blocks[i], arg, part, output)) continue;
    if (again && !(blocks[i].flags & SWOLL_BLOCK_at_exit)) continue;
    if (n-- == 0) return &blocks[i];
  }
  return nullptr;
}

std::optional<Record> parseRecord(const void* data, size_t size) {
  constexpr size_t bareSize = offsetof(swoll_record, args);
  auto* bytes = static_cast<const char*>(data);
  if (size < bareSize || reinterpret_cast<uintptr_t>(data) % alignof(swoll_record)) return {};
  Record record;
  record.head = static_cast<const swoll_record*>(data);
  bool bare = record.head->flags & SWOLL_RECORD_no_args;
  // The ring rounds a record's size up; the record says its own.
  size_t end = record.head->size;
  if (end < (bare ? bareSize : sizeof(swoll_record)) || end > size) return {};
  if (record.head->type >= SWOLL_MAX_TYPES) return {};
  if (!bare) memcpy(record.args.data(), bytes + bareSize, sizeof(record.args));

  for (size_t at = bare ? bareSize : sizeof(swoll_record); at < end;) {
    swoll_block block;
    if (end - at < sizeof(block)) return {};
    memcpy(&block, bytes + at, sizeof(block));
    at += sizeof(block);
    uint8_t arg = block.arg & 7, part = block.arg >> 3;
    if (arg > SWOLL_ARG_RESULT || (part > SWOLL_PART_base && part < SWOLL_PART_pointee) ||
        part >= SWOLL_PART_pointee + SWOLL_POINTEES || block.length > end - at)
      return {};
    if (record.blockCount == Record::maxBlocks) return {};
    record.blocks[record.blockCount++] = {
        arg, part, block.flags, block.full, {bytes + at, block.length}};
    size_t padded = (size_t(block.length) + 7) & ~size_t(7);
    if (padded > end - at) return {};
    at += padded;
  }
  return record;
}

Event decodeHead(const swoll_record& head, ClockBase base) {
  Event event;
  event.type = head.type;
  event.pid = head.pid;
  event.tid = head.tid;
  event.uid = head.uid;
  event.gid = head.gid;
  event.session = head.session;
  event.comm.assign(head.comm, strnlen(head.comm, SWOLL_COMM));
  event.namespaces = {head.ns[SWOLL_NS_pid],   head.ns[SWOLL_NS_uts], head.ns[SWOLL_NS_mount],
                      head.ns[SWOLL_NS_net],   head.ns[SWOLL_NS_ipc], head.ns[SWOLL_NS_user],
                      head.ns[SWOLL_NS_cgroup]};
  event.start = head.start + uint64_t(base.boot);
  event.finish = head.finish + uint64_t(base.boot);
  event.time = int64_t(uint64_t(base.real) + head.start);
  return event;
}

}  // namespace swoll
