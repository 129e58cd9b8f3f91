// SPDX-License-Identifier: Apache-2.0
// The observer's thread and what it shares with others.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "observer/cri-set.h"
#include "observer/observer.h"
#include "observer/pending-names.h"
#include "observer/proc-fs.h"
#include "observer/proc-observer.h"
#include "observer/resolver.h"
#include "observer/rounds.h"

namespace swoll {

// Members are destroyed upwards: threads are joined before anything that they use goes.
class Observer::Loop {
 public:
  Loop(ObserverConfig config, std::function<void()> notify);
  ~Loop();

  Snapshot latest() const;
  void refresh();
  bool resolve(NewCgroup cgroup);
  Snapshot take();

 private:
  using Clock = std::chrono::steady_clock;

  // What others left for the thread.
  struct Inbox {
    std::vector<NewCgroup> asked;
    std::vector<CriAnswer> answers;
    bool scanned = false, unitsChanged = false, criChanged = false, refresh = false;
  };

  void run();
  std::optional<Inbox> wait();  // none: it ends
  void handle(Inbox inbox);
  void rebuild();
  void settle();
  void tendYoung();
  void publish(std::vector<Container> containers);
  void indexCgroups();
  const Container* owner(const NewCgroup& cgroup) const;
  std::vector<Snapshot::Part> parts() const;

  Rounds::Pause scan();

  const ObserverConfig config_;
  const std::function<void()> notify_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  Inbox inbox_;
  Snapshot latest_;        // written by the thread alone; `resolved`: not taken yet
  size_t unanswered_ = 0;  // asked, waiting or not taken
  uint64_t refused_ = 0;   // asked when there were too many
  ProcScan found_;
  std::vector<Container> units_;  // sorted by id
  Snapshot::Part procPart_{"proc", true, ""};

  // The scanner's own.
  ProcFs scanned_;
  ProcObserver procObserver_{scanned_};

  // The thread's own.
  ProcFs proc_;
  std::unordered_map<std::string, const Container*> byCgroup_;  // in latest_, by path
  std::vector<Container> young_;              // resolved, alive, and in neither picture yet
  Clock::time_point youngSince_, youngNext_;  // when the last of them came; to be looked at
  PendingNames pending_;
  bool hasScanned_ = false;
  bool dependsOnTime_ = false;  // what is shown may change though neither picture does
  CriView view_;
  std::unique_ptr<CriSet> cri_;
  Resolver* resolver_ = nullptr;  // lives as long as the thread

  Rounds scanner_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace swoll
