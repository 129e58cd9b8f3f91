// SPDX-License-Identifier: Apache-2.0
// Vectors and messages: structures whose pointers the kernel programs have followed. Each part is a
// block of its own (bpf/abi.h, enum swoll_part).
#include <algorithm>
#include <cstring>

#include "core/formats.h"

namespace swoll::formats {
namespace {

uint64_t word(std::string_view bytes, size_t offset, size_t width) {
  uint64_t out = 0;
  if (offset + width <= bytes.size()) memcpy(&out, bytes.data() + offset, width);
  return out;
}

// The elements of an array with the bytes of each: `data` has them one behind the other.
Value pieces(std::string_view array, const Block* data, bool compat, uint64_t total) {
  List out;
  size_t width = compat ? 4 : 8;
  std::string_view left = data ? data->bytes : std::string_view();
  for (size_t at = 0; at + 2 * width <= array.size(); at += 2 * width) {
    uint64_t base = word(array, at, width), length = word(array, at + width, width);
    uint64_t here = std::min({length, total, uint64_t(left.size())});
    Fields piece;
    if (data && (here || !length || !total))
      piece.fields.push_back({"iov_base", Bytes{std::string(left.substr(0, here))}});
    else
      piece.fields.push_back({"iov_base", Address{base}});
    piece.fields.push_back({"iov_len", Unsigned{length}});
    left.remove_prefix(here);
    total -= std::min(length, total);
    out.items.push_back(std::move(piece));
  }
  return out;
}

// How many bytes of data there are at most: those that were sent, or the result.
uint64_t dataBytes(const FormatInput& in) {
  return in.output && in.record->head->ret >= 0 ? uint64_t(in.record->head->ret) : ~0ull;
}

}  // namespace

Value vector(const FormatInput& in) {
  const Block* data = in.record->find(in.index, SWOLL_PART_data, in.output);
  return pieces(in.bytes, data, in.compat, dataBytes(in));
}

Value message(const FormatInput& in) { return Bytes{std::string(in.bytes)}; }
Value messages(const FormatInput& in) { return Bytes{std::string(in.bytes)}; }
Value directory(const FormatInput& in) { return Bytes{std::string(in.bytes)}; }

}  // namespace swoll::formats
