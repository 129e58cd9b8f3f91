// SPDX-License-Identifier: Apache-2.0
#include "core/record.h"

#include <cstddef>
#include <cstring>

namespace swoll {

std::optional<Record> parseRecord(const void* data, size_t size) {
  constexpr size_t bareSize = offsetof(swoll_record, args);
  auto* bytes = static_cast<const char*>(data);
  if (size < bareSize || reinterpret_cast<uintptr_t>(data) % alignof(swoll_record)) return {};
  Record record{.head = static_cast<const swoll_record*>(data)};
  bool bare = record.head->flags & SWOLL_RECORD_no_args;
  // The ring rounds a record's size up; the record says its own.
  size_t end = record.head->size;
  if (end < (bare ? bareSize : sizeof(swoll_record)) || end > size) return {};
  if (record.head->call >= SWOLL_MAX_CALLS) return {};
  if (!bare) memcpy(record.args.data(), bytes + bareSize, sizeof(record.args));

  for (size_t at = bare ? bareSize : sizeof(swoll_record); at < end;) {
    swoll_block block;
    if (end - at < sizeof(block)) return {};
    memcpy(&block, bytes + at, sizeof(block));
    at += sizeof(block);
    if (block.arg >= SWOLL_ARGS || block.length > end - at) return {};
    record.blocks[block.arg] = Block{block.flags, block.full, {bytes + at, block.length}};
    size_t padded = (size_t(block.length) + 7) & ~size_t(7);
    if (padded > end - at) return {};
    at += padded;
  }
  return record;
}

}  // namespace swoll
