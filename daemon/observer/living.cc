// SPDX-License-Identifier: Apache-2.0
#include "observer/living.h"

#include <utility>

namespace swoll {
namespace {

constexpr size_t kMostFolders = 64;

}  // namespace

bool Living::operator()(const KnownContainer& known) {
  const Container& c = known.info;
  if (c.pid == 0 || c.mountNamespace == 0) return false;
  auto folder = folders_.find(known.handle);
  if (folder == folders_.end()) {
    auto opened = proc_.folder(c.pid);
    // After it was opened: it is the folder of the process that started then.
    const auto process = proc_.stat(c.pid);
    if (!opened || !process || process->startTime != c.startTime) return false;
    if (folders_.size() >= kMostFolders) folders_.clear();
    folder = folders_.emplace(known.handle, std::move(*opened)).first;
  }
  if (folder->second.mountNamespace() == c.mountNamespace) return true;
  folders_.erase(folder);
  return false;
}

}  // namespace swoll
