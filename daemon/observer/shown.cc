// SPDX-License-Identifier: Apache-2.0
#include "observer/shown.h"

#include <utility>

namespace swoll {

Shown::Shown(Snapshot snapshot) : picture_(std::make_shared<Snapshot>(std::move(snapshot))) {
  for (const Container& c : picture_->containers)
    if (c.cgroupId != 0) byCgroup_.emplace(c.cgroupPath, &c);
}

const Container* Shown::owner(const NewCgroup& cgroup, const ProcFs& proc) const {
  for (std::string path = cgroup.path; path.size() > 1; path.erase(path.rfind('/'))) {
    const auto at = byCgroup_.find(path);
    if (at == byCgroup_.end()) continue;
    // The list may lag behind: a container of that path may have ended.
    const Container& c = *at->second;
    const bool itself = path.size() == cgroup.path.size();
    if (itself ? c.cgroupId == cgroup.id : proc.cgroupId(path) == c.cgroupId) return &c;
  }
  return nullptr;
}

}  // namespace swoll
