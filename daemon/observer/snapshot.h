// SPDX-License-Identifier: Apache-2.0
// What the observer hands out, and how it puts it together. Values.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "containers/container.h"

namespace swoll {

struct Snapshot {
  // One of the things that it looks through.
  struct Part {
    std::string name;  // "cri unix:///PATH", "proc"
    bool ok = false;
    std::string detail;  // one line for a person: what it uses, or what it lacks
    bool operator==(const Part&) const = default;
  };

  std::vector<Container> containers;  // sorted by id
  std::vector<Container> units;       // likewise: systemd's, outside of containers
  std::vector<Part> parts;
  uint64_t serial = 0;  // grows with each change; 0: nothing was looked at yet
  // Only of take(). A container of these that lives on is in `containers`.
  std::vector<Resolution> resolved;

  // The first part whose name starts so; none: a part without a name.
  Part part(std::string_view start) const;
};

// What the CRI last said.
struct CriView {
  std::vector<Container> containers;
  std::set<std::string> sandboxes;  // ids of pods' own containers, which nobody wants to see
  bool isCurrent = false;           // false: of a CRI that is away
  bool isComplete = false;          // false: it has containers that are still to be asked about

  bool operator==(const CriView&) const = default;
};

// One list of both, sorted by id. Names are the CRI's, of those that it knows; the place (process,
// cgroup, namespaces) is what /proc shows. What /proc does not show must live by `isAlive`.
std::vector<Container> mergeContainers(const CriView& cri, std::vector<Container> found,
                                       const std::function<bool(const Container&)>& isAlive);

}  // namespace swoll
