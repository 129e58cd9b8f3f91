// SPDX-License-Identifier: Apache-2.0
// Where events go. The hub declares this; the sinks and the subscriptions implement it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "trace/ledger.h"
#include "trace/trace-spec.h"

namespace swoll {

class Trace;

// One event on its way to the sinks, with the traces that want it. It is decoded and rendered
// only when a sink asks, and once for all of them. Lives for one call of Sink::accept.
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual const Event& event() = 0;
  virtual const std::string& json() = 0;
  virtual std::span<const std::string_view> traceNames() = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;

  // As status and the ledger have it, and its ways to lose an event.
  virtual const char* name() const = 0;
  virtual std::span<const LossCause> losses() const { return {}; }

  // Whether it takes events of this trace.
  virtual bool follows(const Trace& trace) const = 0;
  // Whether somebody reads it now, as a stream; the journal is there for whoever comes.
  virtual bool isStream() const { return true; }
  // Never blocks. Answers why it had no room, which is one of losses(); null: it has taken it, or
  // has no use for this very event.
  virtual const LossCause* accept(Delivery& delivery) = 0;

  // Called when an event waits and none did before; then flush() until all have gone.
  virtual void setOnWaiting(std::function<void()> /* call */) {}
  // Tries what waits; true when nothing is left.
  virtual bool flush() { return true; }
  virtual size_t waiting() const { return 0; }

  // Its part of status.
  virtual bool ok() const { return true; }
  virtual std::string detail() const { return {}; }

  // The trace was removed or has run its time; what was captured for it has been delivered.
  virtual void traceEnded(const Trace&) {}
  // The second has taken the first one's place and name. The first is gone after this.
  virtual void traceReplaced(const Trace&, const Trace&) {}
  // No more events will come, for all traces.
  virtual void end(const std::string& /* reason */) {}
};

}  // namespace swoll
