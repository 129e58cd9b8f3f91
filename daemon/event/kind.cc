// SPDX-License-Identifier: Apache-2.0
#include "event/kind.h"

namespace swoll {
namespace {

// In the order of EventKind.
constexpr KindInfo kinds[kindCount] = {
    {"syscall", "", 0, SWOLL_MAX_CALLS},
    {"process", "process:", SWOLL_PROCESS_fork, SWOLL_PROCESS_END},
};

}  // namespace

EventKind kindOf(EventType type) {
  for (size_t kind = 0; kind < kindCount; kind++)
    if (type >= kinds[kind].first && type < kinds[kind].end) return EventKind(kind);
  return EventKind::syscall;
}

const KindInfo& kindInfo(EventKind kind) { return kinds[size_t(kind)]; }

TypeSet typesOf(EventKind kind) {
  TypeSet types;
  for (EventType type = kindInfo(kind).first; type < kindInfo(kind).end; type++) types.set(type);
  return types;
}

}  // namespace swoll
