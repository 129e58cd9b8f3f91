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
  const swoll_record* head = nullptr;       // its args may lie past the end: see args below
  std::array<uint64_t, SWOLL_ARGS> args{};  // registers; zero where the record has none
  std::array<std::optional<Block>, SWOLL_ARGS> blocks{};  // by argument
};

// Nothing in `data` is trusted: lengths are checked, and whatever does not fit makes it nullopt.
std::optional<Record> parseRecord(const void* data, size_t size);

}  // namespace swoll
