// SPDX-License-Identifier: Apache-2.0
// Holds back, for a moment, what looks like a CRI's container and has no name from it yet: it
// would show up nameless only to be renamed, and a pod's pause container would flash by.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "containers/container.h"
#include "observer/proc/proc-observer.h"

namespace swoll {

class PendingNames {
 public:
  // Takes them from `found`; `named` are the ids that the CRI knows. One that has not told of all
  // that it has yet is given more time. True: some are held back.
  bool holdBack(ProcScan& found, const std::set<std::string>& named, bool isComplete);

 private:
  std::map<std::string, std::chrono::steady_clock::time_point> since_;
};

}  // namespace swoll
