// SPDX-License-Identifier: Apache-2.0
#include "hub/sink-list.h"

#include <algorithm>

namespace swoll {

void SinkList::attach(Sink& sink) {
  sinks.push_back(&sink);
  declare(sink.losses());
}

void SinkList::declare(std::span<const LossCause> causes) {
  for (const LossCause& cause : causes) empty.add(SinkLoss{&cause});
}

size_t SinkList::followers(const Trace& trace) const {
  return std::count_if(sinks.begin(), sinks.end(),
                       [&](Sink* s) { return s->isStream() && s->follows(trace); });
}

void SinkList::traceEnded(const Trace& ended) const {
  for (Sink* sink : std::vector(sinks)) sink->traceEnded(ended);
}

void SinkList::traceReplaced(const Trace& old, const Trace& fresh) const {
  for (Sink* sink : std::vector(sinks)) sink->traceReplaced(old, fresh);
}

void SinkList::end(const std::string& reason) const {
  for (Sink* sink : std::vector(sinks)) sink->end(reason);
}

}  // namespace swoll
