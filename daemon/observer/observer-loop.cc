// SPDX-License-Identifier: Apache-2.0
#include "observer/observer-loop.h"

#include <time.h>

#include <exception>
#include <utility>

namespace swoll {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuietInterval = 1s, kTellAgain = 10s;
constexpr std::chrono::milliseconds kFailPauseFirst = 10ms, kFailPauseMost = 200ms;

// What the calling thread has used: a machine that stalls makes no scan dear.
std::chrono::nanoseconds threadTime() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

Observer::Loop::Loop(ObserverConfig config, std::function<void()> notify)
    : config_(std::move(config)),
      notify_(std::move(notify)),
      scans_(config_.altRoot),
      pace_(config_.interval, kQuietInterval),
      proc_(config_.altRoot),
      failPause_(kFailPauseFirst, kFailPauseMost),
      resolver_(proc_,
                {.askCri = [this](const std::string& id) { return cri_->ask(id); },
                 .isCriThere = [this] { return cri_->isAnyThere(); },
                 .owner = [this](const NewCgroup& cgroup) { return shown_.owner(cgroup, proc_); }}),
      scanner_([this](bool asked) { return scan(asked); }),
      thread_([this] { run(); }) {}

Observer::Loop::~Loop() {
  mailbox_.stop();
  thread_.join();
  scanner_.stop();
  cri_.reset();  // its threads leave word here
}

// On the scanner's thread.
Rounds::Pause Observer::Loop::scan(bool asked) {
  const auto begin = threadTime();
  bool isNews = asked;
  try {
    auto look = scans_.look();
    isNews = isNews || !left_ || *look != *left_;
    // Nobody is woken for what is as it was.
    if (isNews || dependsOnTime_ || Clock::now() >= leftAt_ + kTellAgain) {
      mailbox_.leave(look);
      left_ = std::move(look);
      leftAt_ = Clock::now();
    }
  } catch (const std::exception&) {  // of memory, to tell what it was: the next round does
  }
  return pauseAfter(threadTime() - begin, pace_.next(isNews));
}

void Observer::Loop::run() {
  cri_ = std::make_unique<CriSet>(
      config_.cri, proc_, config_.interval,
      CriHooks{.onChange = [this] { mailbox_.criChanged(); },
               .onAnswer = [this](CriAnswer answer) { mailbox_.leave(std::move(answer)); }});
  scanned_ = true;  // so that it looks for runtimes at once
  for (;;) {
    try {
      if (!mailbox_.wait(todo_, next())) return;
      handle();
      again_.reset();
      failPause_.reset();
    } catch (const std::exception&) {
      again_ = Clock::now() + failPause_.next();
    }
  }
}

std::optional<Observer::Loop::Clock::time_point> Observer::Loop::next() const {
  if (again_) return again_;
  auto until = resolver_.next();
  if (!young_.isEmpty() && (!until || young_.next() < *until)) until = young_.next();
  return until;
}

// What a step that fails has not done is there when all of this is done again.
void Observer::Loop::handle() {
  proc_.cgroupMount();
  resolver_.add(todo_.asked);
  for (CriAnswer& answer : todo_.answers) resolver_.hear(std::move(answer));
  todo_.answers.clear();
  settle();  // first: it is what others wait for
  if (todo_.look) takeLook();
  if (todo_.refresh) {
    cri_->ask();
    if (!scanned_) scanner_.ask();
  }
  if (scanned_) cri_->look();
  if (todo_.criChanged) view_ = cri_->view();
  const Snapshot& now = *shown_.picture();
  if (hasScanned_ &&
      (todo_.criChanged || todo_.refresh || (scanned_ && dependsOnTime_) || now.serial == 0))
    rebuild();
  else if (unitsChanged_ || (scanned_ && now.parts != parts()))
    publish(now.containers);
  todo_.criChanged = todo_.refresh = scanned_ = unitsChanged_ = false;
  if (!young_.isEmpty() && Clock::now() >= young_.next()) tendYoung();
}

}  // namespace swoll
