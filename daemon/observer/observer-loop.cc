// SPDX-License-Identifier: Apache-2.0
#include "observer/observer-loop.h"

#include <time.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "observer/units/units.h"

namespace swoll {
namespace {

using namespace std::chrono_literals;

constexpr auto kTendYoung = 10ms;
constexpr auto kQuietInterval = 1s, kTellAgain = 10s;
constexpr std::chrono::milliseconds kFailPauseFirst = 10ms, kFailPauseMost = 200ms;

// What the calling thread has used: a machine that stalls makes no scan dear.
std::chrono::nanoseconds threadTime() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

bool byId(const Container& a, const Container& b) { return a.id < b.id; }

const Container* findIn(const std::vector<Container>& sorted, const Container& c) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), c, byId);
  return at != sorted.end() && at->id == c.id ? &*at : nullptr;
}

// In place of one that had the name before.
void addTo(std::vector<Container>& sorted, const Container& c) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), c, byId);
  if (at == sorted.end() || at->id != c.id)
    sorted.insert(at, c);
  else
    *at = c;
}

}  // namespace

Observer::Loop::Shown::Shown(Snapshot snapshot)
    : picture(std::make_shared<Snapshot>(std::move(snapshot))) {
  for (const Container& c : picture->containers)
    if (c.cgroupId != 0) byCgroup.emplace(c.cgroupPath, &c);
}

Observer::Loop::Loop(ObserverConfig config, std::function<void()> notify)
    : config_(std::move(config)),
      notify_(std::move(notify)),
      scans_(config_.altRoot),
      pace_(config_.interval, kQuietInterval),
      proc_(config_.altRoot),
      failPause_(kFailPauseFirst, kFailPauseMost),
      resolver_(proc_, {.askCri = [this](const std::string& id) { return cri_->ask(id); },
                        .isCriThere = [this] { return cri_->isAnyThere(); },
                        .owner = [this](const NewCgroup& cgroup) { return owner(cgroup); }}),
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
  if (!young_.empty() && (!until || youngNext_ < *until)) until = youngNext_;
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
  const Snapshot& now = *shown_.picture;
  if (hasScanned_ &&
      (todo_.criChanged || todo_.refresh || (scanned_ && dependsOnTime_) || now.serial == 0))
    rebuild();
  else if (unitsChanged_ || (scanned_ && now.parts != parts()))
    publish(now.containers);
  todo_.criChanged = todo_.refresh = scanned_ = unitsChanged_ = false;
  if (!young_.empty() && Clock::now() >= youngNext_) tendYoung();
}

void Observer::Loop::takeLook() {
  std::vector<Container> units = todo_.look->units;
  // One may have been resolved since the folders were read.
  for (const Container& unit : units_) {
    const Container* same = findIn(units, unit);
    const bool isSeen = same && same->cgroupId == unit.cgroupId;
    if (!isSeen && proc_.cgroupId(unit.cgroupPath) == unit.cgroupId) addTo(units, unit);
  }
  if (todo_.look->scan.containers != look_->scan.containers) todo_.refresh = true;
  unitsChanged_ = unitsChanged_ || units != units_;
  units_ = std::move(units);
  look_ = std::move(todo_.look);
  scanned_ = hasScanned_ = true;
}

// Both pictures, one laid over the other.
void Observer::Loop::rebuild() {
  ProcScan found = look_->scan;
  std::set<std::string> named;
  for (const Container& c : view_.containers) named.insert(c.id);
  // The young are what the pictures lack: where it is, or the name that a runtime gives it. Until
  // then what was resolved is better than half of a picture, which may take it for ended.
  std::vector<Container> kept = young_;
  std::erase_if(kept, [&](Container& young) {
    if (proc_.cgroupId(young.cgroupPath) != young.cgroupId) return true;
    // Its first process may be a step of the runtime's, which ends while the container goes on.
    const bool isSeen = Resolver::findProcess(proc_, young);
    if (young.pid != 0 && !proc_.isPopulated(young.cgroupPath).value_or(isSeen)) return true;
    if (young.source == "cri" && !named.contains(young.id)) return false;
    return std::any_of(found.containers.begin(), found.containers.end(),
                       [&](const Container& c) { return c.cgroupId == young.cgroupId; });
  });
  young_ = std::move(kept);
  CriView view = view_;
  std::set<std::string> young;
  for (const Container& c : young_) young.insert(c.id);
  std::erase_if(view.containers, [&](const Container& c) { return young.contains(c.id); });
  for (const Container& c : young_) {
    view.containers.push_back(c);
    named.insert(c.id);
  }
  dependsOnTime_ = !young_.empty();
  if (cri_->isAnyThere() && pending_.holdBack(found, named, view_.isComplete)) {
    dependsOnTime_ = true;
    cri_->ask();  // it may have been asked before they were there
  }
  publish(mergeContainers(view, std::move(found.containers), [&](const Container& c) {
    dependsOnTime_ = true;
    if (young.contains(c.id)) return true;
    const auto process = proc_.stat(c.pid);
    return c.pid != 0 && process && process->alive && process->startTime == c.startTime;
  }));
}

void Observer::Loop::settle() {
  resolver_.settle(answers_);
  if (answers_.resolved.empty()) return;
  if (answers_.living.empty() && answers_.units.empty()) {
    mailbox_.publish(shown_.picture, answers_.resolved);
    return notify_();
  }
  Snapshot next = *shown_.picture;
  auto& all = next.containers;
  std::vector<Container> young = young_;
  for (const Container& living : answers_.living) {
    // A predecessor in a cgroup of that name has ended.
    std::erase_if(all, [&](const Container& c) {
      return c.cgroupPath == living.cgroupPath || (c.id == living.id && c.cgroupId == 0);
    });
    all.insert(std::upper_bound(all.begin(), all.end(), living, byId), living);
    young.push_back(living);
  }
  for (const Container& unit : answers_.units) addTo(units_, unit), addTo(next.units, unit);
  show(std::move(next));
  young_ = std::move(young);
  answers_ = {};
  // One that ends before either picture shows it changes neither.
  dependsOnTime_ = dependsOnTime_ || !young_.empty();
  youngSince_ = Clock::now();
  youngNext_ = youngSince_ + kTendYoung;
}

// Of a container that was resolved before its first process was there.
void Observer::Loop::tendYoung() {
  // Less and less often: a cgroup may have the name of a container's and never a process.
  const auto now = Clock::now();
  youngNext_ = now + std::max<Clock::duration>(kTendYoung, (now - youngSince_) / 16);
  const auto lacksProcess = [](const Container& young) { return young.pid == 0; };
  std::vector<Container> found;
  for (const Container& young : young_)
    if (lacksProcess(young)) {
      found.push_back(young);
      if (!Resolver::findProcess(proc_, found.back())) found.pop_back();
    }
  if (!found.empty()) {
    Snapshot next = *shown_.picture;
    for (const Container& is : found) {
      const auto isThat = [&](const Container& c) {
        return c.cgroupId == is.cgroupId && c.pid == 0;
      };
      std::replace_if(next.containers.begin(), next.containers.end(), isThat, is);
      std::replace_if(young_.begin(), young_.end(), isThat, is);
    }
    show(std::move(next));
  }
  // Those that have all that they need are looked at with each scan.
  if (std::none_of(young_.begin(), young_.end(), lacksProcess))
    youngNext_ = Clock::time_point::max();
}

std::vector<Snapshot::Part> Observer::Loop::parts() const {
  std::vector<Snapshot::Part> parts = cri_->parts();
  parts.push_back(look_->part);
  if (const uint64_t refused = mailbox_.refused())
    parts.back().detail +=
        "; " + std::to_string(refused) + " new cgroups were not looked into, too many at once";
  return parts;
}

void Observer::Loop::publish(std::vector<Container> containers) {
  const Snapshot& now = *shown_.picture;
  Snapshot next{std::move(containers), {}, parts(), now.serial, {}};
  next.units = outside(next.containers, units_);
  const bool isSame = now.serial != 0 && now.containers == next.containers &&
                      now.units == next.units && now.parts == next.parts;
  if (!isSame) show(std::move(next));
}

// All or nothing, with the answers that are not told yet.
void Observer::Loop::show(Snapshot next) {
  ++next.serial;
  Shown shown(std::move(next));
  mailbox_.publish(shown.picture, answers_.resolved);
  shown_ = std::move(shown);
  notify_();
}

const Container* Observer::Loop::owner(const NewCgroup& cgroup) const {
  for (std::string path = cgroup.path; path.size() > 1; path.erase(path.rfind('/'))) {
    const auto at = shown_.byCgroup.find(path);
    if (at == shown_.byCgroup.end()) continue;
    // The list may lag behind: a container of that path may have ended.
    const Container& c = *at->second;
    const bool itself = path.size() == cgroup.path.size();
    if (itself ? c.cgroupId == cgroup.id : proc_.cgroupId(path) == c.cgroupId) return &c;
  }
  return nullptr;
}

}  // namespace swoll
