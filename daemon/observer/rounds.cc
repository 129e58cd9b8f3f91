// SPDX-License-Identifier: Apache-2.0
#include "observer/rounds.h"

#include <utility>

namespace swoll {

Rounds::Rounds(std::function<Pause(bool)> round)
    : round_(std::move(round)), thread_([this] { run(); }) {}

Rounds::~Rounds() { stop(); }

void Rounds::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Rounds::ask() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_one();
}

void Rounds::run() {
  for (bool asked = true;;) {
    const Pause pause = round_(asked);
    const auto begin = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    if (wake_.wait_until(lock, begin + pause.least, [&] { return stop_; })) return;
    wake_.wait_until(lock, begin + pause.most, [&] { return stop_ || asked_; });
    if (stop_) return;
    asked = std::exchange(asked_, false);
  }
}

std::chrono::milliseconds Pace::next(bool isNews) {
  constexpr std::chrono::seconds kQuietAfter{10};
  const auto now = std::chrono::steady_clock::now();
  if (isNews || newsAt_ == std::chrono::steady_clock::time_point()) newsAt_ = now;
  return now - newsAt_ < kQuietAfter ? busy_ : quiet_;
}

Rounds::Pause pauseAfter(std::chrono::nanoseconds cost, std::chrono::milliseconds interval) {
  constexpr std::chrono::milliseconds kLeast{20}, kMost{10'000};
  return {std::clamp<std::chrono::nanoseconds>(cost * 49, interval, std::max(interval, kMost)),
          std::max<std::chrono::nanoseconds>(kLeast, cost * 4)};
}

}  // namespace swoll
