// SPDX-License-Identifier: Apache-2.0
// A new cgroup, as the programs show it.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "fake-kernel.h"
#include "hub/hub.h"

namespace swoll {

inline void showNewcomer(FakeKernel& kernel, Hub& hub, uint64_t id, uint64_t parent = 1) {
  std::string path = "/pods/" + std::to_string(id);
  std::vector<uint64_t> words((sizeof(swoll_newcomer) + SWOLL_NEWCOMER_PATH) / 8);
  swoll_newcomer head{.size = uint32_t(words.size() * 8),
                      .type = SWOLL_TYPE_NEWCOMER,
                      .length = uint16_t(path.size()),
                      .level = 2,
                      .pad = 0,
                      .id = id,
                      .parent = parent};
  memcpy(words.data(), &head, sizeof(head));
  memcpy(words.data() + sizeof(head) / 8, path.data(), path.size());
  kernel.showNewcomer(id);
  hub.intake().accept(words.data(), words.size() * 8);
}

}  // namespace swoll
