// SPDX-License-Identifier: Apache-2.0
#include "observer/young.h"

#include <algorithm>

#include "observer/proc/cgroup-members.h"

namespace swoll {
namespace {

constexpr std::chrono::milliseconds kTend{10};

}  // namespace

void Young::add(const std::vector<Container>& resolved) {
  all_.insert(all_.end(), resolved.begin(), resolved.end());
  since_ = Clock::now();
  next_ = since_ + kTend;
}

void Young::leave(const ProcFs& proc, const std::vector<Container>& found,
                  const std::set<std::string>& named) {
  std::vector<Container> kept = all_;
  std::erase_if(kept, [&](Container& young) {
    if (proc.cgroupId(young.cgroupPath) != young.cgroupId) return true;
    // Its first process may be a step of the runtime's, which ends while the container goes on.
    const bool isSeen = findProcess(proc, young);
    if (young.pid != 0 && !proc.isPopulated(young.cgroupPath).value_or(isSeen)) return true;
    if (young.source == "cri" && !named.contains(young.id)) return false;
    return std::any_of(found.begin(), found.end(),
                       [&](const Container& c) { return c.cgroupId == young.cgroupId; });
  });
  all_ = std::move(kept);
}

std::vector<Container> Young::tend(const ProcFs& proc) {
  // Less and less often: a cgroup may have the name of a container's and never a process.
  const auto now = Clock::now();
  next_ = now + std::max<Clock::duration>(kTend, (now - since_) / 16);
  std::vector<Container> found;
  for (Container& young : all_)
    if (young.pid == 0 && findProcess(proc, young)) found.push_back(young);
  // Those that have all that they need are looked at with each scan.
  if (std::none_of(all_.begin(), all_.end(), [](const Container& c) { return c.pid == 0; }))
    next_ = Clock::time_point::max();
  return found;
}

}  // namespace swoll
