// SPDX-License-Identifier: Apache-2.0
// One client's stream. The client answers each batch when it has dealt with it; a few batches may
// be unanswered, then events wait here. What waits and what is unanswered have one bound together,
// and what does not fit is counted and told in the stream at the place where it is missing.
#pragma once

#include <capnp/message.h>
#include <kj/async.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "hub/sink-list.h"
#include "swoll.capnp.h"
#include "trace/trace.h"

namespace swoll {

// What a stream wants to see. A value.
struct StreamFilter {
  std::set<TraceId> traces;  // empty: all of them
  bool everyTrace = false;
  // Globs for namespace, pod, container, call; empty ones match all.
  std::vector<std::string> path;

  static Result<StreamFilter> parsePath(const std::string& text);
  bool matches(const Event& event) const;
};

// A resource, owned by the capability that the client holds. It is the hub's sink while it lives.
class Subscription final : public Sink, private kj::TaskSet::ErrorHandler {
 public:
  static constexpr LossCause behind{"client", "behind", "a client did not keep up with its stream"};
  static constexpr std::span<const LossCause> causes{&behind, 1};

  // Attaches itself to the list, which outlives it.
  Subscription(SinkList& sinks, StreamFilter filter, schema::EventSink::Client client);
  ~Subscription() noexcept override;

  const char* name() const override { return behind.sink; }
  std::span<const LossCause> losses() const override { return causes; }
  bool follows(const Trace& trace) const override;
  const LossCause* accept(Delivery& delivery) override;
  void traceEnded(const Trace& trace) override;
  void traceReplaced(const Trace& old, const Trace& fresh) override;

  // No more events; the client is told once it has those that wait.
  void end(const std::string& reason) override;

 private:
  struct Item {
    kj::Own<capnp::MallocMessageBuilder> event;  // none: a gap
    uint64_t gap;
  };

  void noteGap();
  void pump();
  size_t nextBatch();  // how many may go now
  void sendBatch(size_t count);
  void taskFailed(kj::Exception&& exception) override;

  SinkList& sinks;
  StreamFilter filter;
  schema::EventSink::Client client;
  std::deque<Item> queue;
  size_t queuedWords = 0;
  uint64_t missed = 0;
  size_t unanswered = 0, unansweredWords = 0;
  bool pumping = false;
  std::optional<std::string> ending;
  bool closed = false;
  kj::TaskSet tasks;  // last: what runs in it uses the rest
};

}  // namespace swoll
