// SPDX-License-Identifier: Apache-2.0
// A kernel record, checked. The view borrows the bytes; it lives as long as the ring's callback.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "bpf/abi.h"

namespace swoll {

struct Block {
  uint8_t flags = 0;  // SWOLL_BLOCK_*
  uint32_t full = 0;
  std::string_view bytes;
};

struct Record {
  const swoll_record* head;
  std::array<std::optional<Block>, SWOLL_ARGS> blocks;  // by argument
};

// Nothing in `data` is trusted: lengths are checked, and whatever does not fit makes it nullopt.
std::optional<Record> parseRecord(const void* data, size_t size);

}  // namespace swoll
