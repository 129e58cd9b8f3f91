// SPDX-License-Identifier: Apache-2.0
// The sinks that there are, in the order in which they came. A resource of the hub's.
#pragma once

#include <string>
#include <vector>

#include "hub/sink.h"

namespace swoll {

class SinkList {
 public:
  // The sink is borrowed until detach().
  void attach(Sink& sink) { sinks.push_back(&sink); }
  void detach(Sink& sink) { std::erase(sinks, &sink); }
  const std::vector<Sink*>& all() const { return sinks; }
  // Streams of the trace.
  size_t followers(const Trace& trace) const;

  // A sink may detach itself in each of these.
  void traceEnded(const Trace& ended) const;
  void traceReplaced(const Trace& old, const Trace& fresh) const;
  void end(const std::string& reason) const;

 private:
  std::vector<Sink*> sinks;
};

}  // namespace swoll
