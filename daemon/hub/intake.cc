// SPDX-License-Identifier: Apache-2.0
#include "hub/intake.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace swoll {

void Intake::accept(const void* data, size_t size) {
  if (auto newcomer = parseNewcomer(data, size)) return arrivals.announce(*newcomer);
  counts.records++;
  auto record = parseRecord(data, size);
  if (!record) return undecodable(data, size);
  router.keepTime(record->head->start);
  if (record->head->container & SWOLL_NEWCOMER) return arrivals.accept(*record, data, size);
  router.route(*record);
}

void Intake::undecodable(const void* data, size_t size) {
  counts.malformed++;
  if (size < offsetof(swoll_record, args)) return;
  // The header names the routes even where what follows it makes no sense.
  swoll_record head{};
  memcpy(&head, data, std::min(size, sizeof(head)));
  Record record;
  record.head = &head;
  router.noteUndecodable(record);
}

}  // namespace swoll
