// SPDX-License-Identifier: Apache-2.0
#include "observer/observer.h"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "observer/cgroup-name.h"
#include "observer/cri-client.h"
#include "observer/proc-fs.h"
#include "observer/proc-observer.h"
#include "observer/units.h"

namespace swoll {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view kScheme = "unix://";  // and an absolute path
constexpr const char* kUsualSockets[] = {"/run/containerd/containerd.sock", "/run/crio/crio.sock",
                                         "/var/run/cri-dockerd.sock"};

constexpr auto kBackOffFirst = 500ms, kBackOffMost = 10000ms;
constexpr auto kRelist = 10s;       // with events, in case one was lost
constexpr auto kLeastPause = 20ms;  // between two rounds, however often one asks
// A host with thousands of processes is looked at less often: a scan costs 4 system calls for each.
// Pauses, in scans: unasked (2% of a core), and however often one asks (20%).
constexpr int kPauseInScans = 49, kLeastPauseInScans = 4;
constexpr auto kNameWithin = 1s;  // how long the CRI may take to name what it starts

std::string inSeconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%gs", static_cast<double>(time.count()) / 1000);
  return text;
}

// The link to the CRI: finds a socket, connects, lists, and tries again later when that fails.
// The observer's thread only.
class CriLink {
 public:
  CriLink(const ObserverConfig& config, const ProcFs& proc, CallGate& gate,
          std::function<void()> onEvent)
      : config_(config), proc_(proc), gate_(gate), onEvent_(std::move(onEvent)) {
    state_ = {true, "off"};
  }

  // Asks unless there is reason not to: it is off, failed lately, or its events told of no change.
  // `mayHaveChanged`: an event came, somebody wants it fresh, or /proc looks different.
  void update(bool mayHaveChanged) {
    if (config_.cri == "off" || Clock::now() < retryAt_) return;
    if (client_ && client_->hasEvents() && !mayHaveChanged && Clock::now() < relistAt_) return;
    if (!client_ && !connect()) return;
    CriListing listing = client_->list();
    if (!listing.error.empty()) return fail(listing.error);

    relistAt_ = Clock::now() + kRelist;
    backOff_ = kBackOffFirst;
    view_ = {std::move(listing.containers), std::move(listing.sandboxes), true};
    state_ = {true, runtime_ + " on " + endpoint_ +
                        (client_->hasEvents() ? ", with events"
                                              : ", polling every " + inSeconds(config_.interval))};
    if (listing.skipped > 0)
      state_.detail += "; " + std::to_string(listing.skipped) +
                       " containers left out, the first for " + listing.skipReason;
  }

  // Failed lately: the next update may take seconds to fail again.
  bool isAway() const { return !state_.ok; }
  const CriView& view() const { return view_; }
  const Snapshot::PartState& state() const { return state_; }

 private:
  bool connect() {
    const auto path = socketPath();
    if (!path) return false;
    endpoint_ = std::string(kScheme) + *path;
    client_ = std::make_unique<CriClient>(*path, proc_, gate_, onEvent_);
    CriVersion version = client_->version();
    if (!version.error.empty()) {
      fail(version.error);
      return false;
    }
    runtime_ = std::move(version.runtime);
    return true;
  }

  std::optional<std::string> socketPath() {
    if (config_.cri.starts_with("unix:///")) return config_.cri.substr(kScheme.size());
    if (config_.cri != "auto") {
      endpoint_ = "cri = " + config_.cri;
      fail("is neither auto, off nor unix:///PATH");
      return std::nullopt;
    }
    for (const char* usual : kUsualSockets) {
      std::string path = proc_.root() + usual;
      struct stat status;
      if (::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) return path;
    }
    endpoint_ = "auto";
    fail("no socket of containerd, CRI-O or cri-dockerd");
    return std::nullopt;
  }

  // Keeps the view, so that what was named stays named until /proc says that it ended.
  void fail(const std::string& why) {
    client_.reset();
    view_.isCurrent = false;
    state_ = {false, endpoint_ + ": " + why + "; retrying"};
    retryAt_ = Clock::now() + backOff_;
    backOff_ = std::min(backOff_ * 2, std::chrono::milliseconds(kBackOffMost));
  }

  const ObserverConfig& config_;
  const ProcFs& proc_;
  CallGate& gate_;
  const std::function<void()> onEvent_;
  std::string endpoint_, runtime_;
  std::chrono::milliseconds backOff_ = kBackOffFirst;
  Clock::time_point retryAt_, relistAt_;
  CriView view_;
  Snapshot::PartState state_;
  std::unique_ptr<CriClient> client_;
};

// Holds back, for a moment, what looks like a CRI's container and has no name from it yet: it
// would show up nameless only to be renamed, and a pod's pause container would flash by.
class Newcomers {
 public:
  void holdBack(std::vector<Container>& found, const CriView& cri) {
    std::map<std::string, Clock::time_point> since;
    const auto isNamed = [&](const Container& c) {
      return std::any_of(cri.containers.begin(), cri.containers.end(),
                         [&](const Container& named) { return named.id == c.id; });
    };
    std::erase_if(found, [&](const Container& c) {
      const auto name = nameOfCgroup(c.cgroupPath);
      if (!cri.isCurrent || !name || !name->kubernetes || isNamed(c)) return false;
      const auto seen = since_.find(c.id);
      since[c.id] = seen == since_.end() ? Clock::now() : seen->second;
      return Clock::now() < since[c.id] + kNameWithin;
    });
    since_ = std::move(since);
  }

 private:
  std::map<std::string, Clock::time_point> since_;
};

}  // namespace

std::vector<Container> mergeContainers(const CriView& cri, std::vector<Container> found) {
  std::set<std::string_view> ids, foundIds;
  std::set<uint64_t> cgroups, foundCgroups;
  for (const Container& c : found) {
    foundIds.insert(c.id);
    if (c.cgroupId != 0) foundCgroups.insert(c.cgroupId);
  }
  std::vector<Container> all;
  for (const Container& c : cri.containers) {
    if (!cri.isCurrent && !foundIds.contains(c.id) && !foundCgroups.contains(c.cgroupId)) continue;
    ids.insert(c.id);
    if (c.cgroupId != 0) cgroups.insert(c.cgroupId);
    all.push_back(c);
  }
  for (Container& c : found)
    if (!ids.contains(c.id) && !cgroups.contains(c.cgroupId) && !cri.sandboxes.contains(c.id))
      all.push_back(std::move(c));
  std::stable_sort(all.begin(), all.end(),
                   [](const Container& a, const Container& b) { return a.id < b.id; });
  return all;
}

// The thread and what it shares with others. Members are destroyed upwards: the thread is joined
// before anything that it uses goes.
class Observer::Loop {
 public:
  Loop(ObserverConfig config, std::function<void()> notify)
      : config_(std::move(config)), notify_(std::move(notify)), thread_([this] { run(); }) {}

  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    gate_.shut();
    thread_.join();
  }

  Snapshot latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  void refresh() {
    {
      const std::lock_guard lock(mutex_);
      refresh_ = true;
    }
    wake_.notify_one();
  }

 private:
  void run() {
    ProcFs proc(config_.altRoot);
    ProcObserver procObserver(proc);
    CriLink link(config_, proc, gate_, [this] { refresh(); });
    Newcomers newcomers;
    std::vector<Container> foundBefore;
    Clock::duration cost{};
    for (bool asked = true;; asked = pause(cost)) {
      if (isStopping()) return;
      // What is missing for a moment (memory, descriptors) must end neither thread nor daemon.
      try {
        const auto begin = Clock::now();
        ProcScan scan = procObserver.scan();
        cost = Clock::now() - begin;
        // A CRI that is away may take seconds to fail again: what else there is goes out before.
        if (link.isAway())
          publish(mergeContainers(link.view(), scan.containers), link.state(),
                  describe(proc, scan.problem), findUnits(proc));
        link.update(asked || scan.containers != foundBefore);
        foundBefore = scan.containers;
        newcomers.holdBack(scan.containers, link.view());
        publish(mergeContainers(link.view(), std::move(scan.containers)), link.state(),
                describe(proc, scan.problem), findUnits(proc));
      } catch (const std::exception& error) {
        publish(latest().containers, link.state(), {false, error.what()}, latest().units);
      }
    }
  }

  static Snapshot::PartState describe(ProcFs& proc, const std::string& problem) {
    if (!problem.empty()) return {false, problem};
    return {true, proc.root() + "/proc, cgroup v2 on " + proc.cgroupMount().value_or("")};
  }

  void publish(std::vector<Container> containers, const Snapshot::PartState& cri,
               const Snapshot::PartState& proc, std::vector<Container> units) {
    units = outside(containers, std::move(units));
    {
      const std::lock_guard lock(mutex_);
      const bool isSame = latest_.serial != 0 && latest_.containers == containers &&
                          latest_.units == units && latest_.cri == cri && latest_.proc == proc;
      if (isSame || stop_) return;
      latest_ = {std::move(containers), std::move(units), cri, proc, latest_.serial + 1};
    }
    notify_();
  }

  // Until the interval is over or somebody asks: then true.
  bool pause(Clock::duration scanCost) {
    const auto begin = Clock::now();
    const auto least = std::max<Clock::duration>(kLeastPause, scanCost * kLeastPauseInScans);
    const auto most = std::max<Clock::duration>(config_.interval, scanCost * kPauseInScans);
    std::unique_lock lock(mutex_);
    if (wake_.wait_until(lock, begin + least, [&] { return stop_; })) return false;
    wake_.wait_until(lock, begin + most, [&] { return stop_ || refresh_; });
    return std::exchange(refresh_, false);
  }

  bool isStopping() const {
    const std::lock_guard lock(mutex_);
    return stop_;
  }

  const ObserverConfig config_;
  const std::function<void()> notify_;
  CallGate gate_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false, refresh_ = false;
  Snapshot latest_;

  std::thread thread_;  // last: it uses all of the above
};

Observer::Observer(ObserverConfig config, std::function<void()> notify)
    : loop_(std::make_unique<Loop>(std::move(config), std::move(notify))) {}

Observer::~Observer() = default;

Snapshot Observer::latest() const { return loop_->latest(); }

void Observer::refresh() { loop_->refresh(); }

}  // namespace swoll
