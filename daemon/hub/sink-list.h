// SPDX-License-Identifier: Apache-2.0
// The sinks that there are, in the order in which they came. A resource of the hub's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hub/sink.h"

namespace swoll {

class SinkList {
 public:
  // The sink is borrowed until detach(). Its ways to lose are told of from now on.
  void attach(Sink& sink);
  void detach(Sink& sink) { std::erase(sinks, &sink); }
  const std::vector<Sink*>& all() const { return sinks; }
  // Ways to lose that are told of though no sink that has them is there yet. Each once.
  void declare(std::span<const LossCause> causes);
  // With all ways to lose, in the order in which they became known.
  const Ledger& emptyLedger() const { return empty; }
  // Streams of the trace.
  size_t followers(const Trace& trace) const;

  // A sink may detach itself in each of these.
  void traceEnded(const Trace& ended) const;
  void traceReplaced(const Trace& old, const Trace& fresh) const;
  void end(const std::string& reason) const;

 private:
  std::vector<Sink*> sinks;
  Ledger empty;
};

}  // namespace swoll
