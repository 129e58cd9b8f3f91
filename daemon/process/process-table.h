// SPDX-License-Identifier: Apache-2.0
// What happens to processes, as rows: the types of event and what each of them tells.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "event/event.h"
#include "event/kind.h"
#include "event/record.h"

namespace swoll {

struct ProcessType {
  EventType type;
  const char* name;  // "exec"
};

// By their types.
std::span<const ProcessType> processTypes();
// Null: it is none.
const ProcessType* processType(EventType type);
const ProcessType* processType(std::string_view name);
// For error messages; empty when nothing is near.
std::string nearestProcessType(std::string_view name);

// One thing that is told of a process.
struct ProcessFact {
  const char* name;   // as events name it
  const char* ctype;  // or durationType
  uint8_t of;         // bit i: type i of processTypes() tells it
  // Fills all but name and type. False: this event has none.
  bool (*read)(const Record& record, Argument& fact);

  bool isOf(EventType type) const { return of >> (type - SWOLL_PROCESS_fork) & 1; }
};
std::span<const ProcessFact> processFacts();

// "exec", "exit", "all", "!fork": taken in order; a list that only takes away starts from all. An
// unknown word, an empty one and an empty result are errors.
Result<TypeSet> parseProcesses(const std::vector<std::string>& words);

}  // namespace swoll
