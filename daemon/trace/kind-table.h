// SPDX-License-Identifier: Apache-2.0
// What is done with each kind of event: a row each.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "event/kind.h"
#include "event/record.h"

namespace swoll {

struct KindRow {
  Event (*decode)(const Record&, ClockBase);
  // The names of the arguments that events of these types, of whatever kind, have.
  void (*addArgumentNames)(std::set<std::string_view>&, const TypeSet&);
  std::string (*strace)(const Event&);  // as a line of strace's
};

const KindRow& kindRow(EventKind kind);

// By the row of its kind.
Event decodeRecord(const Record& record, ClockBase base);
std::string renderStraceLine(const Event& event);

}  // namespace swoll
