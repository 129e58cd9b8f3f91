// SPDX-License-Identifier: Apache-2.0
// Cgroups that the kernel has shown and nobody has named yet, with the records of their calls in
// the order in which they came. Once it is known whose a cgroup is, its records are handed out;
// calls that were under way then come later with the newcomer's mark, so the answer is kept for a
// while.
//
// A resource of the hub's: bounded in cgroups, records and bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "containers/container.h"
#include "trace/rules.h"

namespace swoll {

// What the kernel says of a new cgroup. A value.
struct Newcomer {
  NewCgroup cgroup;
  Scope scope;
  Scope parent;
};

// Nothing for what is no newcomer's record or makes no sense.
std::optional<Newcomer> parseNewcomer(const void* data, size_t size);

class Newcomers {
 public:
  struct Bounds {
    size_t cgroups = 1024;  // waiting, and as many answers
    size_t records = 65536;
    size_t bytes = 16 << 20;
  };

  // Whose a cgroup is, and the traces that want what it did.
  struct Answer {
    ContainerHandle container = 0;  // 0: nobody's
    TraceSet wanted;
    bool isHost = false;  // `wanted` want it only of processes in no container
  };

  struct Held {
    std::vector<uint64_t> words;             // the record
    size_t size = 0;                         // in bytes
    std::shared_ptr<const RouteKey> second;  // of its second route, whose number may be used again
  };

  Newcomers() = default;
  explicit Newcomers(Bounds bounds) : bounds(bounds) {}

  // False: too many are waiting.
  bool add(const Newcomer& newcomer, uint64_t now);
  // Waiting; null: not that one. The pointer holds until it is settled.
  const Newcomer* find(uint64_t cgroupId) const;
  // Keeps a record of one that waits. False: there is no room.
  bool hold(uint64_t cgroupId, Held record);
  // Ends its waiting, if it did, and answers what was held for it.
  std::deque<Held> settle(uint64_t cgroupId, Answer answer);
  // Of one that was settled lately; null: not known (any more).
  const Answer* answer(uint64_t cgroupId) const;

  std::vector<uint64_t> since(uint64_t time) const;  // waiting, shown at that time or before
  std::vector<uint64_t> all() const { return since(UINT64_MAX); }
  size_t waiting() const { return cgroups.size(); }
  size_t heldBytes() const { return bytes; }

 private:
  struct Waiting {
    Newcomer newcomer;
    uint64_t shown = 0;
    std::deque<Held> records;
  };

  Bounds bounds;
  std::map<uint64_t, Waiting> cgroups;
  std::map<uint64_t, Answer> answers;
  std::deque<uint64_t> answered;  // the first in front
  size_t records = 0, bytes = 0;
};

}  // namespace swoll
