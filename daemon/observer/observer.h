// SPDX-License-Identifier: Apache-2.0
// Keeps a picture of this host's running containers: the CRI's names laid over what /proc and
// cgroups show. Each part may fail, now or later; the others go on, and the failed one is tried
// again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "containers/container.h"
#include "observer/snapshot.h"

namespace swoll {

struct ObserverConfig {
  // "auto", "off", or addresses "unix:///PATH" with blanks or commas between them.
  std::string cri = "auto";
  std::string altRoot;  // where the host's root is, if not here: all is read below it
  std::chrono::milliseconds interval{500};
};

// A resource: a thread that puts together, one that scans /proc, one for each runtime. None holds
// up another.
class Observer {
 public:
  // `notify` is called on the observer's thread, without locks, after a snapshot that differs from
  // the one before, or an answer to resolve(). It must not throw, nor wait for the thread that
  // destroys this.
  Observer(ObserverConfig config, std::function<void()> notify);
  ~Observer();  // ends calls that are under way, and joins; notify is not called afterwards
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  Snapshot latest() const;  // any thread
  void refresh();           // any thread: look now rather than at the next interval

  // Any thread: asks whose a cgroup is, that was just made. The answer comes with a later take(),
  // soon: at most some 2 s from now. False: too many are unanswered, and for this one no answer
  // comes.
  bool resolve(NewCgroup cgroup);
  // Any thread: the latest, and each answer to resolve() once.
  Snapshot take();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace swoll
