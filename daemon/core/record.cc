// SPDX-License-Identifier: Apache-2.0
#include "core/record.h"

#include <cstring>

namespace swoll {

std::optional<Record> parseRecord(const void* data, size_t size) {
  auto* bytes = static_cast<const char*>(data);
  if (size < sizeof(swoll_record) || reinterpret_cast<uintptr_t>(data) % alignof(swoll_record))
    return {};
  Record record{static_cast<const swoll_record*>(data), {}};
  // The ring rounds a record's size up; the record says its own.
  size_t end = record.head->size;
  if (end < sizeof(swoll_record) || end > size) return {};
  if (record.head->call >= SWOLL_MAX_CALLS) return {};

  for (size_t at = sizeof(swoll_record); at < end;) {
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
