// SPDX-License-Identifier: Apache-2.0
// One container runtime: keeps a picture of its containers on a thread of its own, with its own
// back-off, so that a runtime which hangs holds up no other.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/backoff.h"
#include "observer/cri/cri-client.h"
#include "observer/cri/cri-lookup.h"
#include "observer/proc/proc-fs.h"
#include "observer/rounds.h"
#include "observer/snapshot.h"

namespace swoll {

struct CriHooks {
  std::function<void()> onChange;           // the picture or the state is another
  std::function<void(CriAnswer)> onAnswer;  // once for each ask()
};

// A resource. Hooks run on other threads, must not block, and outlive this.
class CriEndpoint {
 public:
  // `uri` names it to people; the socket is where this process finds it.
  CriEndpoint(std::string uri, std::string socketPath, ProcFs proc,
              std::chrono::milliseconds interval, const CriHooks& hooks);
  ~CriEndpoint();  // ends the call that is under way

  const std::string& uri() const { return uri_; }
  const std::string& socketPath() const { return socketPath_; }

  // Any thread.
  void ask() { rounds_.ask(); }  // something may have changed
  // Asks about one container. False: not now, or it is away.
  bool ask(const std::string& id);
  bool isAway() const { return away_; }       // failed lately, and not answered since
  bool hasServed() const { return served_; }  // has answered at least once
  CriView view() const;
  Snapshot::Part part() const;

 private:
  using Clock = std::chrono::steady_clock;

  Rounds::Pause round(bool asked);
  bool connect();
  Rounds::Pause list(bool asked);
  Rounds::Pause fail(const std::string& why);
  bool set(CriView view, bool ok, std::string detail);  // whether it is another

  const std::string uri_, socketPath_;
  ProcFs proc_;
  const std::chrono::milliseconds interval_;
  const CriHooks& hooks_;
  std::atomic<bool> away_ = false, served_ = false;

  mutable std::mutex mutex_;
  CriView view_;
  Snapshot::Part part_;

  // The thread's own.
  CallGate gate_;
  std::string runtime_;
  Backoff<std::chrono::milliseconds> backOff_;
  Clock::time_point retryAt_, relistAt_;
  Pace pace_;  // without events
  std::unique_ptr<CriClient> client_;

  CriLookup lookup_;
  Rounds rounds_;  // last: it uses all of the above
};

}  // namespace swoll
