// SPDX-License-Identifier: Apache-2.0
// A kernel record of any kind of event, checked. The view borrows the bytes; it lives as long as
// the ring's callback.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "bpf/abi.h"
#include "event/event.h"

namespace swoll {

struct Block {
  uint8_t arg = 0;    // or SWOLL_ARG_RESULT
  uint8_t part = 0;   // SWOLL_PART_*
  uint8_t flags = 0;  // SWOLL_BLOCK_*
  uint32_t full = 0;
  std::string_view bytes;
};

struct Record {
  static constexpr size_t maxBlocks = 64;

  const swoll_record* head = nullptr;       // its args may lie past the end: see args below
  std::array<uint64_t, SWOLL_ARGS> args{};  // the kind's own; zero where the record has none
  std::array<Block, maxBlocks> blocks;      // in the order in which they were read
  size_t blockCount = 0;

  // The last of its kind: one that was read again replaces the first.
  const Block* find(uint8_t arg, swoll_part part, bool output) const;
  // Of a vector of messages, that of message n.
  const Block* find(uint8_t arg, swoll_part part, bool output, size_t n) const;
};

// Nothing in `data` is trusted: lengths are checked, and whatever does not fit makes it nullopt.
std::optional<Record> parseRecord(const void* data, size_t size);

// What the other clocks show when CLOCK_MONOTONIC, which records carry, shows 0; ns.
struct ClockBase {
  int64_t real = 0;
  int64_t boot = 0;  // the time that the machine has been suspended
};

// What events of all kinds have. The container is not filled in: that is the topology's knowledge.
Event decodeHead(const swoll_record& head, ClockBase base);

}  // namespace swoll
