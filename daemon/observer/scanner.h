// SPDX-License-Identifier: Apache-2.0
// Looks through /proc and the tree of cgroups, and for runtimes, again and again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "containers/container.h"
#include "observer/proc/proc-fs.h"
#include "observer/proc/proc-observer.h"
#include "observer/snapshot.h"

namespace swoll {

// What one scan has found. A value.
struct ProcLook {
  ProcScan scan;
  std::vector<Container> units;       // sorted by id
  std::vector<std::string> runtimes;  // the usual sockets of those that are there
  Snapshot::Part part{"proc", true, ""};

  bool operator==(const ProcLook&) const = default;
};

// One thread.
class Scanner {
 public:
  explicit Scanner(const std::string& root) : proc_(root) {}

  // Where the host can't be looked through, the look before, with the problem.
  std::shared_ptr<const ProcLook> look();

 private:
  std::string detail(const ProcScan& scan);

  ProcFs proc_;
  ProcObserver containers_{proc_};
  std::shared_ptr<const ProcLook> last_ = std::make_shared<ProcLook>();
};

}  // namespace swoll
