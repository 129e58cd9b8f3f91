// SPDX-License-Identifier: Apache-2.0
// Keeps a picture of this host's running containers: the CRI's names laid over what /proc and
// cgroups show. Either part may fail, now or later; the other goes on, and the failed one is tried
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/container.h"

namespace swoll {

struct ObserverConfig {
  std::string cri = "auto";  // "auto", "off", or "unix:///PATH" as this process sees it
  std::string altRoot;       // where the host's root is, if not here; "auto" looks below it
  std::chrono::milliseconds interval{500};
};

struct Snapshot {
  struct PartState {
    bool ok = false;
    std::string detail;  // one line for a person: what it uses, or what it lacks
    bool operator==(const PartState&) const = default;
  };

  std::vector<Container> containers;  // sorted by id
  std::vector<Container> units;       // likewise: systemd's, outside of containers
  PartState cri, proc;
  uint64_t serial = 0;  // grows with each change; 0: nothing was looked at yet
};

// A resource: one thread, which does all the looking. A CRI that hangs delays a snapshot by
// seconds, never the caller.
class Observer {
 public:
  // `notify` is called on the observer's thread, without locks, after a snapshot that differs from
  // the one before. It must not throw, nor wait for the thread that destroys this.
  Observer(ObserverConfig config, std::function<void()> notify);
  ~Observer();  // ends a call that is under way, and joins; notify is not called afterwards
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  Snapshot latest() const;  // any thread
  void refresh();           // any thread: look now rather than at the next interval

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

// What the CRI last said.
struct CriView {
  std::vector<Container> containers;
  std::set<std::string> sandboxes;  // ids of pods' own containers, which nobody wants to see
  bool isCurrent = false;  // false: of a CRI that is away; what /proc no longer shows has ended
};

// One list of both, sorted by id: the CRI's word wins over what was found by cgroup id or id.
std::vector<Container> mergeContainers(const CriView& cri, std::vector<Container> found);

}  // namespace swoll
