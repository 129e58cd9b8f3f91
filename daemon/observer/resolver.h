// SPDX-License-Identifier: Apache-2.0
// Tells whose a new cgroup is, soon enough for a container's first calls. One thread; it never
// waits, and it reads /proc only of processes in the cgroups that it was asked of.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "containers/container.h"
#include "observer/cgroup/cgroup-name.h"
#include "observer/cri/cri-lookup.h"
#include "observer/proc/proc-fs.h"
#include "observer/snapshot.h"

namespace swoll {

// What the resolver needs of the rest of the observer.
struct ResolverWorld {
  std::function<void(const std::string& id)> askCri;  // all runtimes, about an id
  std::function<bool()> isCriThere;                   // one that may answer, now or in a moment
  // The listed container that the cgroup is of, or is in, if any.
  std::function<const Container*(const NewCgroup&)> owner;
};

class Resolver {
 public:
  using Clock = std::chrono::steady_clock;
  Resolver(ProcFs& proc, ResolverWorld world) : proc_(proc), world_(std::move(world)) {}

  // Takes them, all or none.
  void add(std::vector<NewCgroup>& asked);
  void hear(CriAnswer answer);

  struct Answers {
    std::vector<Resolution> resolved;
    std::vector<Container> living;  // of those, the ones that live on and are in no list yet
    std::vector<Container> units;   // likewise
  };
  // Adds to what is in `answers`. Whatever fails while it asks, each has its answer in the end.
  void settle(Answers& answers);
  // When to call settle() again, if nothing else happens; none: nothing waits.
  std::optional<Clock::time_point> next() const;

 private:
  static constexpr std::chrono::milliseconds kFirstLook{2}, kMostPause{50};
  static constexpr std::chrono::milliseconds kFirstAsk{10}, kMostAskPause{200};

  struct Waiting {
    NewCgroup cgroup;
    std::optional<CgroupName> name;
    bool isFolder = false;
    bool isNameless = false;  // as in Resolution
    Clock::time_point since, next;
    Backoff<std::chrono::milliseconds> pause{kFirstLook, kMostPause};
  };
  // What the runtimes say of one id.
  struct Question {
    std::optional<CriAnswer> answer;
    Clock::time_point askAgain;
    Backoff<std::chrono::milliseconds> pause{kFirstAsk, kMostAskPause};
    bool isUsed = false;
  };

  // Empty: not settled yet.
  std::optional<Resolution> trySettle(Waiting& waiting, Answers& answers);
  std::optional<Resolution> settle(Waiting& waiting, Answers& answers);
  std::optional<std::optional<Container>> byName(Waiting& waiting);
  std::optional<std::optional<Container>> byProcesses(const Waiting& waiting) const;
  Container placed(Container container, const Waiting& waiting) const;
  bool isBelowWaiting(const Waiting& waiting) const;

  ProcFs& proc_;
  const ResolverWorld world_;
  std::vector<Waiting> waiting_;  // in the order of asking: parents before what is in them
  std::map<std::string, Question> questions_;  // by container id
};

}  // namespace swoll
