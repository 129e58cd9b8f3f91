// SPDX-License-Identifier: Apache-2.0
// The daemon as `swollctl top` needs it: nothing here waits, so that keys are answered at once
// whatever the daemon does, and a connection that is lost is made anew.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "ctl/client.h"
#include "ctl/stats-request.h"

namespace swoll::ctl {

// A resource. Removes its trace when it goes.
class TopClient {
 public:
  // Throws Unreachable.
  TopClient(std::string socket, StatsFilter filter);
  ~TopClient();
  KJ_DISALLOW_COPY(TopClient);

  // The first counts, waited for. Throws what the daemon says.
  Counts first();

  // Lets happen what is due; asks for counts, unless they are on their way. A lost connection is
  // tried again at each ask().
  void pump();
  void ask();
  // What has come since the last time.
  std::optional<Counts> take() { return std::exchange(counts_, std::nullopt); }
  // Why nothing comes; empty while all is well.
  const std::string& trouble() const { return trouble_; }

  // Starts a trace and follows it; there is one at a time. Throws what the daemon says.
  void startTrace(schema::TraceSpec::Reader spec);
  void stopTrace();
  bool isTracing() const { return tracing_; }
  const std::string& traceName() const { return traceName_; }
  // Its newest lines, and why there are no more.
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  class Tail;
  void lose(const std::string& why);
  void failed(const kj::Exception& error);
  void follow();
  void note(const std::string& text);

  static constexpr size_t keptLines = 500;
  std::string socket_, trouble_, traceName_;
  StatsFilter filter_;
  bool tracing_ = false, lost_ = false;
  int64_t askedAt_ = 0;  // ns; 0: nothing is on its way
  std::optional<Counts> counts_;
  std::deque<std::string> lines_;
  std::unique_ptr<Client> client_;  // null: the connection is lost
  // What is on its way; of client_, so they go before it.
  kj::Maybe<kj::Promise<void>> asking_, trying_;
  kj::Maybe<schema::Subscription::Client> subscription_;
  Tail* tail_ = nullptr;
};

}  // namespace swoll::ctl
