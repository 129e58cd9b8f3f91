// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/living.h"

#include <utility>

namespace swoll {
namespace {

constexpr size_t kMostFolders = 64;

}  // namespace

const ProcessFolder* Living::folderOf(const KnownContainer& known) {
  const Container& c = known.info;
  if (c.pid == 0) return nullptr;
  if (auto folder = folders_.find(known.handle); folder != folders_.end()) {
    if (folder->second.pidNamespace()) return &folder->second;
    folders_.erase(folder);  // it has ended; the container may have another by now
  }
  auto opened = proc_.folder(c.pid);
  // After it was opened: it is the folder of the process that started then.
  const auto process = proc_.stat(c.pid);
  if (!opened || !process || process->startTime != c.startTime) return nullptr;
  if (folders_.size() >= kMostFolders) folders_.clear();
  return &folders_.emplace(known.handle, std::move(*opened)).first->second;
}

void Living::keep(const std::map<ContainerHandle, KnownContainer>& present) {
  std::erase_if(folders_, [&](const auto& each) { return !present.contains(each.first); });
}

bool Living::operator()(const KnownContainer& known, NamespaceKind kind) {
  const ProcessFolder* folder = folderOf(known);
  if (!folder) return false;
  return kind == NamespaceKind::mount ? folder->mountNamespace() == known.info.mountNamespace
                                      : folder->pidNamespace() == known.info.pidNamespace;
}

}  // namespace swoll
