// SPDX-License-Identifier: Apache-2.0
#include "observer/observer-loop.h"

#include <time.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "observer/units.h"

namespace swoll {
namespace {

using namespace std::chrono_literals;

constexpr size_t kMostUnanswered = 4096;
constexpr auto kTendYoung = 10ms;

// What the calling thread has used: a machine that stalls makes no scan dear.
std::chrono::nanoseconds threadTime() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

bool byId(const Container& a, const Container& b) { return a.id < b.id; }

// In place of one that had the name before.
void addTo(std::vector<Container>& sorted, const Container& c) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), c, byId);
  if (at == sorted.end() || at->id != c.id)
    sorted.insert(at, c);
  else
    *at = c;
}

}  // namespace

Observer::Loop::Loop(ObserverConfig config, std::function<void()> notify)
    : config_(std::move(config)),
      notify_(std::move(notify)),
      scanned_(config_.altRoot),
      proc_(config_.altRoot),
      scanner_([this](bool) { return scan(); }),
      thread_([this] { run(); }) {}

Observer::Loop::~Loop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  scanner_.stop();
  cri_.reset();  // its threads leave word here
}

Snapshot Observer::Loop::latest() const {
  const std::lock_guard lock(mutex_);
  return {latest_.containers, latest_.units, latest_.parts, latest_.serial, {}};
}

Snapshot Observer::Loop::take() {
  const std::lock_guard lock(mutex_);
  Snapshot taken{latest_.containers, latest_.units, latest_.parts, latest_.serial,
                 std::exchange(latest_.resolved, {})};
  unanswered_ -= taken.resolved.size();
  return taken;
}

void Observer::Loop::refresh() {
  {
    const std::lock_guard lock(mutex_);
    inbox_.refresh = true;
  }
  wake_.notify_one();
}

bool Observer::Loop::resolve(NewCgroup cgroup) {
  {
    const std::lock_guard lock(mutex_);
    if (unanswered_ >= kMostUnanswered) {
      ++refused_;
      return false;
    }
    ++unanswered_;
    inbox_.asked.push_back(std::move(cgroup));
  }
  wake_.notify_one();
  return true;
}

// On the scanner's thread.
Rounds::Pause Observer::Loop::scan() {
  const auto begin = threadTime();
  ProcScan scan;
  std::vector<Container> units;
  try {
    scan = procObserver_.scan();
    units = findUnits(scanned_);
  } catch (const std::exception& error) {  // of memory, of descriptors: tried again
    const std::lock_guard lock(mutex_);
    scan = found_;
    units = units_;
    scan.problem = error.what();
  }
  const auto cost = threadTime() - begin;
  std::string detail = scan.problem;
  if (detail.empty()) {
    detail = scanned_.root() + "/proc";
    detail += scan.note.empty() ? ", cgroup v2 on " + scanned_.cgroupMount().value_or("")
                                : "; " + scan.note;
  }
  {
    const std::lock_guard lock(mutex_);
    // One may have been resolved since the folders were read.
    for (const Container& unit : units_)
      if (scanned_.cgroupId(unit.cgroupPath) == unit.cgroupId) addTo(units, unit);
    inbox_.scanned = true;
    inbox_.unitsChanged = inbox_.unitsChanged || units != units_;
    units_ = std::move(units);
    inbox_.refresh = inbox_.refresh || scan.containers != found_.containers;
    procPart_ = {"proc", scan.problem.empty(), std::move(detail)};
    found_ = std::move(scan);
  }
  wake_.notify_one();
  return pauseAfter(cost, config_.interval);
}

void Observer::Loop::run() {
  Resolver resolver(proc_, {.askCri = [this](const std::string& id) { return cri_->ask(id); },
                            .isCriThere = [this] { return cri_->isAnyThere(); },
                            .owner = [this](const NewCgroup& cgroup) { return owner(cgroup); }});
  resolver_ = &resolver;
  cri_ = std::make_unique<CriSet>(config_.cri, proc_, config_.interval,
                                  CriHooks{.onChange =
                                               [this] {
                                                 const std::lock_guard lock(mutex_);
                                                 inbox_.criChanged = true;
                                                 wake_.notify_one();
                                               },
                                           .onAnswer =
                                               [this](CriAnswer answer) {
                                                 const std::lock_guard lock(mutex_);
                                                 inbox_.answers.push_back(std::move(answer));
                                                 wake_.notify_one();
                                               }});
  cri_->look();
  while (auto inbox = wait()) {
    // What is missing for a moment (memory, descriptors) must end neither thread nor daemon.
    try {
      handle(std::move(*inbox));
    } catch (const std::exception&) {
      std::this_thread::sleep_for(kTendYoung);
    }
  }
}

std::optional<Observer::Loop::Inbox> Observer::Loop::wait() {
  auto until = resolver_->next();
  if (!young_.empty() && (!until || youngNext_ < *until)) until = youngNext_;
  std::unique_lock lock(mutex_);
  const auto isWanted = [&] {
    return stop_ || inbox_.scanned || inbox_.criChanged || inbox_.refresh ||
           !inbox_.asked.empty() || !inbox_.answers.empty();
  };
  if (until)
    wake_.wait_until(lock, *until, isWanted);
  else
    wake_.wait(lock, isWanted);
  if (stop_) return std::nullopt;
  return std::exchange(inbox_, {});
}

void Observer::Loop::handle(Inbox inbox) {
  proc_.cgroupMount();
  for (NewCgroup& cgroup : inbox.asked) resolver_->add(std::move(cgroup));
  for (const CriAnswer& answer : inbox.answers) resolver_->hear(answer);
  settle();  // first: it is what others wait for
  if (inbox.refresh) {
    cri_->ask();
    if (!inbox.scanned) scanner_.ask();
  }
  if (inbox.scanned) cri_->look();
  hasScanned_ = hasScanned_ || inbox.scanned;
  if (inbox.criChanged) view_ = cri_->view();
  if (hasScanned_ && (inbox.criChanged || inbox.refresh || (inbox.scanned && dependsOnTime_) ||
                      latest_.serial == 0))
    rebuild();
  else if (inbox.unitsChanged || (inbox.scanned && latest_.parts != parts()))
    publish(latest_.containers);
  if (!young_.empty() && Clock::now() >= youngNext_) tendYoung();
}

// Both pictures, one laid over the other.
void Observer::Loop::rebuild() {
  ProcScan found;
  {
    const std::lock_guard lock(mutex_);
    found = found_;
  }
  std::set<std::string> named;
  for (const Container& c : view_.containers) named.insert(c.id);
  // The young are what the pictures lack: where it is, or the name that a runtime gives it. Until
  // then what was resolved is better than half of a picture, which may take it for ended.
  std::erase_if(young_, [&](Container& young) {
    if (proc_.cgroupId(young.cgroupPath) != young.cgroupId) return true;
    // Its first process may be a step of the runtime's, which ends while the container goes on.
    const bool isSeen = Resolver::findProcess(proc_, young);
    if (young.pid != 0 && !proc_.isPopulated(young.cgroupPath).value_or(isSeen)) return true;
    if (young.source == "cri" && !named.contains(young.id)) return false;
    return std::any_of(found.containers.begin(), found.containers.end(),
                       [&](const Container& c) { return c.cgroupId == young.cgroupId; });
  });
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
  Resolver::Answers answers = resolver_->settle();
  if (answers.resolved.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    auto& all = latest_.containers;
    for (const Container& living : answers.living) {
      // A predecessor in a cgroup of that name has ended.
      std::erase_if(all, [&](const Container& c) {
        return c.cgroupPath == living.cgroupPath || (c.id == living.id && c.cgroupId == 0);
      });
      all.insert(std::upper_bound(all.begin(), all.end(), living, byId), living);
      young_.push_back(living);
    }
    for (const Container& unit : answers.units) addTo(units_, unit), addTo(latest_.units, unit);
    latest_.resolved.insert(latest_.resolved.end(),
                            std::make_move_iterator(answers.resolved.begin()),
                            std::make_move_iterator(answers.resolved.end()));
    ++latest_.serial;
  }
  if (!answers.living.empty()) indexCgroups();
  // One that ends before either picture shows it changes neither.
  dependsOnTime_ = dependsOnTime_ || !young_.empty();
  youngSince_ = Clock::now();
  youngNext_ = youngSince_ + kTendYoung;
  notify_();
}

// Of a container that was resolved before its first process was there.
void Observer::Loop::tendYoung() {
  // Less and less often: a cgroup may have the name of a container's and never a process.
  const auto now = Clock::now();
  youngNext_ = now + std::max<Clock::duration>(kTendYoung, (now - youngSince_) / 16);
  bool changed = false;
  for (Container& young : young_) {
    if (young.pid != 0 || !Resolver::findProcess(proc_, young)) continue;
    const std::lock_guard lock(mutex_);
    for (Container& c : latest_.containers)
      if (c.cgroupId == young.cgroupId && c.pid == 0) c = young, changed = true;
  }
  // Those that have all that they need are looked at with each scan.
  const bool isWaiting = std::any_of(young_.begin(), young_.end(),
                                     [](const Container& young) { return young.pid == 0; });
  if (!isWaiting) youngNext_ = Clock::time_point::max();
  if (!changed) return;
  {
    const std::lock_guard lock(mutex_);
    ++latest_.serial;
  }
  notify_();
}

std::vector<Snapshot::Part> Observer::Loop::parts() const {
  std::vector<Snapshot::Part> parts = cri_->parts();
  const std::lock_guard lock(mutex_);
  parts.push_back(procPart_);
  if (refused_ > 0)
    parts.back().detail +=
        "; " + std::to_string(refused_) + " new cgroups were not looked into, too many at once";
  return parts;
}

void Observer::Loop::publish(std::vector<Container> containers) {
  std::vector<Snapshot::Part> now = parts();
  {
    const std::lock_guard lock(mutex_);
    std::vector<Container> units = outside(containers, units_);
    const bool isSame = latest_.serial != 0 && latest_.containers == containers &&
                        latest_.units == units && latest_.parts == now;
    if (isSame || stop_) return;
    latest_.containers = std::move(containers);
    latest_.units = std::move(units);
    latest_.parts = std::move(now);
    ++latest_.serial;
  }
  indexCgroups();
  notify_();
}

void Observer::Loop::indexCgroups() {
  byCgroup_.clear();
  for (const Container& c : latest_.containers)
    if (c.cgroupId != 0) byCgroup_.emplace(c.cgroupPath, &c);
}

const Container* Observer::Loop::owner(const NewCgroup& cgroup) const {
  for (std::string path = cgroup.path; path.size() > 1; path.erase(path.rfind('/'))) {
    const auto at = byCgroup_.find(path);
    if (at == byCgroup_.end()) continue;
    // The list may lag behind: a container of that path may have ended.
    const Container& c = *at->second;
    const bool itself = path.size() == cgroup.path.size();
    if (itself ? c.cgroupId == cgroup.id : proc_.cgroupId(path) == c.cgroupId) return &c;
  }
  return nullptr;
}

}  // namespace swoll
