// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-endpoint.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

namespace swoll {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kBackOffFirst = 500ms, kBackOffMost = 10s;
constexpr std::chrono::milliseconds kRelist = 10s;  // while nothing tells of a change
constexpr auto kGoOn = 20ms;                        // a listing that stopped to let others in

std::string inSeconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%gs", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

CriEndpoint::CriEndpoint(std::string uri, std::string socketPath, ProcFs proc,
                         std::chrono::milliseconds interval, const CriHooks& hooks)
    : uri_(std::move(uri)),
      socketPath_(std::move(socketPath)),
      proc_(std::move(proc)),
      interval_(interval),
      hooks_(hooks),
      part_{"cri " + uri_, false, "connecting"},
      backOff_(kBackOffFirst, kBackOffMost),
      pace_(interval, kRelist),
      lookup_(socketPath_, hooks.onAnswer),
      rounds_([this](bool asked) { return round(asked); }) {}

CriEndpoint::~CriEndpoint() {
  gate_.shut();
  rounds_.stop();
  client_.reset();  // its events ask for rounds
}

bool CriEndpoint::ask(const std::string& id) { return !away_ && lookup_.ask(id); }

CriView CriEndpoint::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

Snapshot::Part CriEndpoint::part() const {
  const std::lock_guard lock(mutex_);
  return part_;
}

Rounds::Pause CriEndpoint::round(bool asked) {
  // What is missing for a moment (memory, descriptors) must end neither thread nor daemon.
  try {
    const auto now = Clock::now();
    if (now < retryAt_) return {retryAt_ - now, std::min<Clock::duration>(retryAt_ - now, 100ms)};
    const bool byEvents = client_ && client_->hasEvents();
    if (byEvents && !asked && now < relistAt_) return {relistAt_ - now, kGoOn};
    if (!client_ && !connect()) return {retryAt_ - Clock::now(), 100ms};
    return list(asked);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

bool CriEndpoint::connect() {
  proc_.cgroupMount();
  // Events wake the thread, which is there before the first of them.
  client_ = std::make_unique<CriClient>(socketPath_, proc_, gate_, [this] { rounds_.ask(); });
  CriVersion version = client_->version();
  if (version.error.empty()) {
    runtime_ = std::move(version.runtime);
    return true;
  }
  fail(version.error);
  return false;
}

Rounds::Pause CriEndpoint::list(bool asked) {
  const auto begin = Clock::now();
  CriListing listing = client_->list();
  if (!listing.error.empty()) return fail(listing.error);

  relistAt_ = Clock::now() + kRelist;
  backOff_.reset();
  away_ = false;
  served_ = true;
  const bool events = client_->hasEvents();
  const auto cost = Clock::now() - begin;
  std::string detail =
      runtime_ + (events ? ", with events"
                         : ", polling every " + inSeconds(interval_) + " while containers change");
  if (listing.skipped > 0)
    detail += "; " + std::to_string(listing.skipped) + " containers left out, the first for " +
              listing.skipReason;
  const bool isNew =
      set({std::move(listing.containers), std::move(listing.sandboxes), true, listing.isComplete},
          true, std::move(detail));
  const Rounds::Pause pause = pauseAfter(cost, pace_.next(isNew || asked));
  if (!listing.isComplete) return {kGoOn, kGoOn};
  // Until a stream has shown that it is there, one polls.
  return events ? Rounds::Pause{kRelist, pause.least} : pause;
}

// Keeps the view, so that what was named stays named until /proc says that it ended.
Rounds::Pause CriEndpoint::fail(const std::string& why) {
  client_.reset();
  away_ = true;
  CriView kept = view();
  kept.isCurrent = false;
  kept.isComplete = true;  // there is nothing to wait for
  set(std::move(kept), false, why + "; retrying");
  const auto pause = backOff_.next();
  retryAt_ = Clock::now() + pause;
  return {pause, std::min(pause, std::chrono::milliseconds(100))};
}

bool CriEndpoint::set(CriView view, bool ok, std::string detail) {
  {
    const std::lock_guard lock(mutex_);
    Snapshot::Part part{part_.name, ok, std::move(detail)};
    if (view == view_ && part == part_) return false;
    view_ = std::move(view);
    part_ = std::move(part);
  }
  hooks_.onChange();
  return true;
}

}  // namespace swoll
