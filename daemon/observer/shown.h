// SPDX-License-Identifier: Apache-2.0
// What is told, with the containers in it by their cgroups' paths.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "containers/container.h"
#include "observer/proc/proc-fs.h"
#include "observer/snapshot.h"

namespace swoll {

// A value: copies share the picture.
class Shown {
 public:
  explicit Shown(Snapshot snapshot);

  const std::shared_ptr<const Snapshot>& picture() const { return picture_; }
  // The container that the cgroup is of, or is in, if any.
  const Container* owner(const NewCgroup& cgroup, const ProcFs& proc) const;

 private:
  std::shared_ptr<const Snapshot> picture_;
  std::unordered_map<std::string, const Container*> byCgroup_;
};

}  // namespace swoll
