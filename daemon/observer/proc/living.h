// SPDX-License-Identifier: Apache-2.0
// Whether a container still has the namespaces that it was seen in. The kernel gives their numbers
// to others as soon as they are free, which may be before any list shows the container's end.
#pragma once

#include <map>
#include <unordered_map>

#include "containers/topology.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

// One thread. Keeps the folders of some processes open, so that a question costs one readlink(2)
// and another process of the same number is not taken for the container's.
class Living {
 public:
  explicit Living(const ProcFs& proc) : proc_(proc) {}

  // Whether its first process runs in the mount namespace, or in the pid namespace, that it was
  // seen in; false where none is known.
  bool operator()(const KnownContainer& container, NamespaceKind kind);
  // Closes what it keeps of all others: each holds a descriptor, and its process's number in the
  // kernel.
  void keep(const std::map<ContainerHandle, KnownContainer>& present);

 private:
  const ProcessFolder* folderOf(const KnownContainer& container);

  const ProcFs& proc_;
  std::unordered_map<ContainerHandle, ProcessFolder> folders_;
};

}  // namespace swoll
