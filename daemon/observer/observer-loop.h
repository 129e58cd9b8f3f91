// SPDX-License-Identifier: Apache-2.0
// The observer's thread. What fails on it (of memory, of descriptors) is tried again, less and less
// often, and nothing that was asked or told is forgotten meanwhile.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/backoff.h"
#include "observer/cri/cri-set.h"
#include "observer/mailbox.h"
#include "observer/observer.h"
#include "observer/pending-names.h"
#include "observer/proc/proc-fs.h"
#include "observer/resolver.h"
#include "observer/rounds.h"
#include "observer/scanner.h"
#include "observer/shown.h"
#include "observer/young.h"

namespace swoll {

// Members are destroyed upwards: threads are joined before anything that they use goes.
class Observer::Loop {
 public:
  Loop(ObserverConfig config, std::function<void()> notify);
  ~Loop();

  // Any thread.
  Mailbox& mailbox() { return mailbox_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  std::optional<Clock::time_point> next() const;  // when to go on, if nothing comes
  void handle();
  // observer-picture.cc
  void takeLook();
  void rebuild();
  void settle();
  void tendYoung();
  void publish(std::vector<Container> containers);
  void show(Snapshot next);
  std::vector<Snapshot::Part> parts() const;

  Rounds::Pause scan(bool asked);

  const ObserverConfig config_;
  const std::function<void()> notify_;
  Mailbox mailbox_;

  // The scanner's thread's own.
  Scanner scans_;
  Pace pace_;
  std::shared_ptr<const ProcLook> left_;  // what the thread has been told last
  Clock::time_point leftAt_;

  // The thread's own.
  ProcFs proc_;
  Mailbox::Inbox todo_;                          // what is not done yet
  Resolver::Answers answers_;                    // what is not told yet
  bool scanned_ = false, unitsChanged_ = false;  // since what is shown was made
  std::optional<Clock::time_point> again_;       // something has failed
  Backoff<std::chrono::milliseconds> failPause_;
  std::shared_ptr<const ProcLook> look_ = std::make_shared<ProcLook>();
  std::vector<Container> units_;  // sorted by id
  Shown shown_{{}};
  Young young_;
  PendingNames pending_;
  bool hasScanned_ = false;
  std::atomic<bool> dependsOnTime_ = false;  // what is shown may change though no picture does
  CriView view_;
  std::unique_ptr<CriSet> cri_;
  Resolver resolver_;

  Rounds scanner_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace swoll
