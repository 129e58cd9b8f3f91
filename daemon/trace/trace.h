// SPDX-License-Identifier: Apache-2.0
// A trace while it exists. A resource of the hub; others hold references no longer than a call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rate-limit.h"
#include "trace/compiled-trace.h"
#include "trace/ledger.h"
#include "trace/rules.h"

namespace swoll {

enum class TraceState { running, expired, failed };

class Trace {
 public:
  Trace(TraceId id, CompiledTrace compiled, uint32_t owner)
      : id(id), compiled(std::move(compiled)), owner(owner), rate(this->compiled.spec.rate) {}

  const TraceSpec& spec() const { return compiled.spec; }
  const std::string& name() const { return compiled.spec.name; }

  const TraceId id;
  CompiledTrace compiled;  // only the containers that it wants change
  const uint32_t owner;    // user id of the peer that added it

  TraceState state = TraceState::running;
  std::string reason;    // why it failed
  int64_t created = 0;   // ns since 1970
  uint64_t started = 0;  // ns since boot
  uint64_t ended = 0;    // ns since boot, once it is not running
  uint64_t since = 0;    // CLOCK_MONOTONIC, as records have it: no call that entered before

  // What user space counted, and the kernel's final counts of routes that are gone.
  Ledger ledger;
  // Events that two of its rules matched, and that were delivered once.
  uint64_t twice = 0;
  // For a sampler that the kernel can't run.
  uint64_t sampleTurn = 0;
  RateLimit rate;

  uint32_t everCount = 0;           // all that it has matched
  std::vector<ContainerName> seen;  // the first of those, as they were then
};

}  // namespace swoll
