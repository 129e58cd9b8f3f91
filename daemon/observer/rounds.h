// SPDX-License-Identifier: Apache-2.0
// A thread that does one thing again and again: by the clock, and sooner when somebody asks.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace swoll {

// A resource: the thread ends with it.
class Rounds {
 public:
  // Until the next round: unasked, and however often one asks.
  struct Pause {
    std::chrono::nanoseconds most, least;
  };
  // `round` runs on the thread, first at once, and must not throw; `asked` says whether somebody
  // did.
  explicit Rounds(std::function<Pause(bool asked)> round);
  ~Rounds();  // waits for the round that is under way
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  void ask();   // any thread
  void stop();  // as the destructor does; afterwards ask() does nothing

 private:
  void run();

  const std::function<Pause(bool)> round_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false, asked_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// A round that took so long comes again so that it takes 2% of a core unasked, and 20% at most;
// after 10 s it does in any case.
Rounds::Pause pauseAfter(std::chrono::nanoseconds cost, std::chrono::milliseconds interval);

// How often to look while there is something to be seen, and once there was nothing for a while.
class Pace {
 public:
  Pace(std::chrono::milliseconds busy, std::chrono::milliseconds quiet)
      : busy_(busy), quiet_(std::max(busy, quiet)) {}

  std::chrono::milliseconds next(bool isNews);  // after each round

 private:
  const std::chrono::milliseconds busy_, quiet_;
  std::chrono::steady_clock::time_point newsAt_;
};

}  // namespace swoll
