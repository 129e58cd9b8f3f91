// SPDX-License-Identifier: Apache-2.0
// Records as the kernel programs make them, for tests.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "bpf/abi.h"
#include "syscall/syscall-table.h"

namespace swoll {

// A value. Its bytes are aligned as the ring's are.
class RecordMaker {
 public:
  explicit RecordMaker(CallId call = unknownCall, Arch arch = Arch::x86_64)
      : words(sizeof(swoll_record) / 8) {
    head().size = sizeof(swoll_record);
    head().type = call;
    head().arch = uint8_t(arch);
    head().number = call == unknownCall ? 999 : uint32_t(syscall(call).number[size_t(arch)]);
    head().start = 1'000'000;
    head().finish = 1'001'500;
    head().pid = head().tid = 70;
    memcpy(head().comm, "app", 4);
  }
  explicit RecordMaker(const char* call) : RecordMaker(callsByName(call).front()) {}

  RecordMaker& args(std::initializer_list<uint64_t> values) {
    std::copy(values.begin(), values.end(), head().args);
    return *this;
  }
  RecordMaker& ret(int64_t value) { return head().ret = value, *this; }
  RecordMaker& route(uint16_t id, uint16_t second = 0) {
    head().route = id;
    head().route2 = second;
    return *this;
  }
  RecordMaker& container(uint64_t handle) { return head().container = handle, *this; }
  RecordMaker& block(uint8_t arg, std::string_view bytes, uint8_t flags = 0, uint32_t full = 0) {
    swoll_block block{arg, flags, uint16_t(bytes.size()), full};
    size_t at = words.size() * 8;
    words.resize(words.size() + 1 + (bytes.size() + 7) / 8);
    auto* to = reinterpret_cast<char*>(words.data()) + at;
    memcpy(to, &block, sizeof(block));
    memcpy(to + sizeof(block), bytes.data(), bytes.size());
    head().size = uint32_t(size());
    return *this;
  }

  // What the call left there.
  RecordMaker& out(uint8_t arg, std::string_view bytes, uint8_t flags = 0, uint32_t full = 0) {
    return block(arg, bytes, flags | SWOLL_BLOCK_output, full);
  }

  swoll_record& head() { return *reinterpret_cast<swoll_record*>(words.data()); }
  swoll_block& blockAt(size_t offset) {  // behind the head
    return *reinterpret_cast<swoll_block*>(words.data() + sizeof(swoll_record) / 8 + offset / 8);
  }
  const void* data() const { return words.data(); }
  char* bytes() { return reinterpret_cast<char*>(words.data()); }
  size_t size() const { return words.size() * 8; }

 private:
  std::vector<uint64_t> words;
};

}  // namespace swoll
