// SPDX-License-Identifier: Apache-2.0
// Events to the journal, one entry each. Never blocks: what journald does not take at once waits
// in a bounded queue, and what finds no room there, or comes above the limit of events per second,
// is refused and so counted by the hub.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "hub/sink.h"
#include "sinks/journal-socket.h"

namespace swoll {

struct JournalSettings {
  bool enabled = true;
  uint32_t eventsPerSecond = 0;  // 0: no limit
  std::string socket = "/run/systemd/journal/socket";
};

class JournalSink final : public Sink {
 public:
  static constexpr LossCause skipped{"journal", "skipped",
                                     "the journal refused, or its limit was reached"};

  explicit JournalSink(JournalSettings settings) : settings(settings), socket(settings.socket) {}

  void reconfigure(bool enabled, uint32_t eventsPerSecond);

  const char* name() const override { return skipped.sink; }
  std::span<const LossCause> losses() const override { return {&skipped, 1}; }
  bool follows(const Trace& trace) const override;
  bool isStream() const override { return false; }
  const LossCause* accept(Delivery& delivery) override;

  void setOnWaiting(std::function<void()> call) override { onWaiting = std::move(call); }
  bool flush() override;
  size_t waiting() const override { return queue.size(); }
  bool ok() const override { return settings.enabled && socket.problem().empty(); }
  std::string detail() const override;

 private:
  bool withinRate(uint64_t now);

  JournalSettings settings;
  JournalSocket socket;
  std::function<void()> onWaiting;
  std::deque<std::string> queue;
  size_t queuedBytes = 0;
  uint64_t written = 0, refused = 0;
  uint64_t second = 0;  // that is being counted, since boot
  uint32_t inSecond = 0;
};

}  // namespace swoll
