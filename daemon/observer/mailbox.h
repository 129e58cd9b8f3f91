// SPDX-License-Identifier: Apache-2.0
// What the observer's thread shares with others: what they left for it, and what it tells them.
// The event loop takes this lock, so nothing is done under it but to move things and to copy
// pointers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "containers/container.h"
#include "observer/cri/cri-lookup.h"
#include "observer/scanner.h"
#include "observer/snapshot.h"

namespace swoll {

class Mailbox {
 public:
  // What others left for the thread.
  struct Inbox {
    std::vector<NewCgroup> asked;
    std::vector<CriAnswer> answers;
    std::shared_ptr<const ProcLook> look;  // the latest, if there is a new one
    bool criChanged = false, refresh = false;

    bool isEmpty() const;
  };

  // Any thread. A method that throws has done nothing.
  bool ask(NewCgroup cgroup);  // false: too many are unanswered
  void leave(CriAnswer answer);
  void leave(std::shared_ptr<const ProcLook> look);
  void criChanged();
  void refresh();
  void stop();
  Snapshot latest() const;
  Snapshot take();
  uint64_t refused() const;  // asked when there were too many

  // The thread's. Waits until there is something, or for so long, and adds it to what is in `todo`
  // still. False: it ends.
  bool wait(Inbox& todo, std::optional<std::chrono::steady_clock::time_point> until);
  // With the picture that the answers go with; they are gone from `resolved` then.
  void publish(std::shared_ptr<const Snapshot> picture, std::vector<Resolution>& resolved);

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  Inbox inbox_;
  std::shared_ptr<const Snapshot> picture_ = std::make_shared<Snapshot>();
  std::vector<Resolution> resolved_;  // not taken yet
  size_t unanswered_ = 0;             // asked, waiting or not taken
  uint64_t refused_ = 0;
};

}  // namespace swoll
