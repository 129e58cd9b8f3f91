// SPDX-License-Identifier: Apache-2.0
// The observer's picture: how it is put together, what changes it, and how it is told.
#include <algorithm>
#include <set>
#include <utility>

#include "observer/observer-loop.h"
#include "observer/units/units.h"

namespace swoll {
namespace {

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
  young_.leave(proc_, found.containers, named);
  CriView view = view_;
  std::set<std::string> young;
  for (const Container& c : young_.all()) young.insert(c.id);
  std::erase_if(view.containers, [&](const Container& c) { return young.contains(c.id); });
  for (const Container& c : young_.all()) {
    view.containers.push_back(c);
    named.insert(c.id);
  }
  dependsOnTime_ = !young_.isEmpty();
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
    mailbox_.publish(shown_.picture(), answers_.resolved);
    return notify_();
  }
  Snapshot next = *shown_.picture();
  auto& all = next.containers;
  Young young = young_;
  young.add(answers_.living);
  for (const Container& living : answers_.living) {
    // A predecessor in a cgroup of that name has ended.
    std::erase_if(all, [&](const Container& c) {
      return c.cgroupPath == living.cgroupPath || (c.id == living.id && c.cgroupId == 0);
    });
    all.insert(std::upper_bound(all.begin(), all.end(), living, byId), living);
  }
  for (const Container& unit : answers_.units) addTo(units_, unit), addTo(next.units, unit);
  show(std::move(next));
  young_ = std::move(young);
  answers_ = {};
  // One that ends before either picture shows it changes neither.
  dependsOnTime_ = dependsOnTime_ || !young_.isEmpty();
}

// Of a container that was resolved before its first process was there.
void Observer::Loop::tendYoung() {
  Young young = young_;
  const std::vector<Container> found = young.tend(proc_);
  if (!found.empty()) {
    Snapshot next = *shown_.picture();
    for (const Container& is : found)
      std::replace_if(
          next.containers.begin(), next.containers.end(),
          [&](const Container& c) { return c.cgroupId == is.cgroupId && c.pid == 0; }, is);
    show(std::move(next));
  }
  young_ = std::move(young);
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
  const Snapshot& now = *shown_.picture();
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
  mailbox_.publish(shown.picture(), answers_.resolved);
  shown_ = std::move(shown);
  notify_();
}

}  // namespace swoll
