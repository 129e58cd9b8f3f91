// SPDX-License-Identifier: Apache-2.0
// Containers that were resolved, live on, and are not in both pictures yet: what a picture lacks is
// where it is, or the name that a runtime gives it. Until then what was resolved is better than
// half of a picture, which may take it for ended.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "containers/container.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

// A value.
class Young {
 public:
  using Clock = std::chrono::steady_clock;

  bool isEmpty() const { return all_.empty(); }
  const std::vector<Container>& all() const { return all_; }

  void add(const std::vector<Container>& resolved);
  // Lets go of those that have ended, and of those that both pictures show: what was found in
  // /proc, and whom runtimes have named.
  void leave(const ProcFs& proc, const std::vector<Container>& found,
             const std::set<std::string>& named);

  // When to look after those that were resolved before their first process was there.
  Clock::time_point next() const { return next_; }
  // Looks, and answers those that have one now.
  std::vector<Container> tend(const ProcFs& proc);

 private:
  std::vector<Container> all_;
  Clock::time_point since_, next_;  // when the last of them came; to be looked at
};

}  // namespace swoll
