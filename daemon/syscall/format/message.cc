// SPDX-License-Identifier: Apache-2.0
// Vectors and messages: structures whose pointers the kernel programs have followed. Each part is a
// block of its own (bpf/abi.h, enum swoll_part).
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "event/strace-value.h"
#include "syscall/format/formats.h"
#include "syscall/format/socket.h"
#include "syscall/layout.h"

namespace swoll::formats {
namespace {

// The elements of an array with the bytes of each: `data` has them one behind the other.
Value pieces(std::string_view array, const Block* data, bool compat, uint64_t total) {
  List out;
  size_t width = compat ? 4 : 8;
  std::string_view left = data ? data->bytes : std::string_view();
  for (size_t at = 0; at + 2 * width <= array.size(); at += 2 * width) {
    uint64_t base = wordAt(array, at, width), length = wordAt(array, at + width, width);
    uint64_t here = std::min({length, total, uint64_t(left.size())});
    Fields piece;
    if (data && (here || (!length && base) || (length && !total)))
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

Value named(const char* set, uint64_t raw) {
  FormatInput in;
  in.set = set;
  in.raw = raw;
  return enumeration(in);
}

// include/linux/socket.h, struct user_msghdr; include/net/compat.h, struct compat_msghdr.
struct Header {
  uint64_t name, iov, iovLength, control, controlLength;
  uint32_t nameLength, flags;

  Header(std::string_view bytes, bool compat) {
    size_t at = 0, width = compat ? 4 : 8;
    auto next = [&] { return wordAt(bytes, std::exchange(at, at + width), width); };
    name = next();
    nameLength = uint32_t(next());
    iov = next();
    iovLength = next();
    control = next();
    controlLength = next();
    flags = uint32_t(wordAt(bytes, at, 4));
  }
  static size_t size(bool compat) { return compat ? 28 : 56; }
};

// What a control message has behind its head.
Value controlData(const ControlRow& row, std::string_view bytes, bool compat) {
  FormatInput in;
  in.set = row.layout;
  in.bytes = bytes;
  in.compat = compat;
  in.array = row.array;
  return format(row.kind, in);
}

bool isLongEnough(const ControlRow& row, std::string_view bytes, bool compat) {
  const Layout* layout = findLayout(row.layout);
  return !bytes.empty() && (!layout || bytes.size() >= placement(*layout, compat).size);
}

Value controls(const Header& head, const Block& block, bool compat) {
  size_t width = compat ? 4 : 8, headSize = width + 8;
  std::string_view left = block.bytes;
  if (left.size() < headSize) return Address{head.control};
  List out;
  std::string said;
  while (left.size() >= headSize) {
    uint64_t length = wordAt(left, 0, width);
    auto level = uint32_t(wordAt(left, width, 4)), type = uint32_t(wordAt(left, width + 4, 4));
    std::string_view data;
    if (length > headSize) data = left.substr(headSize, length - headSize);
    Fields one;
    one.fields.push_back({"cmsg_len", Unsigned{length}});
    one.fields.push_back({"cmsg_level", named("sockopt_level", level)});
    const char* types = level == SOL_SOCKET ? "scm" : level == 0 ? "ip_cmsg" : nullptr;
    one.fields.push_back({"cmsg_type", types ? named(types, type) : Value(Hex{type})});
    const ControlRow* row = findControl(level, type);
    if (row && isLongEnough(*row, data, compat))
      one.fields.push_back({"cmsg_data", controlData(*row, data, compat)});
    said += (said.empty() ? "" : ", ") + straceText(one);
    out.items.push_back(std::move(one));
    if (length < headSize) {
      left.remove_prefix(headSize);
      break;
    }
    left.remove_prefix(std::min(left.size(), (length + width - 1) / width * width));
  }
  if (!left.empty()) {
    uint64_t at = head.control + (block.bytes.size() - left.size());
    said += ", ... /* " + straceText(Address{at}) + " */";
  } else if (block.bytes.size() < head.controlLength) {
    said += ", ...";
  }
  return Form{{std::move(out)}, "[" + said + "]"};
}

// Where a message's parts are, and how much of them counts.
struct Place {
  const FormatInput& in;
  size_t n;              // of a vector of messages
  uint64_t total;        // bytes of data
  int64_t entered = -1;  // the room for a name that there was

  const Block* find(swoll_part part) const {
    const Block* block = in.record->find(in.index, part, in.output, n);
    return block && block->flags & SWOLL_BLOCK_faulted && block->bytes.empty() ? nullptr : block;
  }
};

Value nameOf(const Header& head, const Place& place) {
  const Block* block = place.find(SWOLL_PART_name);
  auto length = int32_t(head.nameLength);
  if (place.entered >= 0) length = std::min(length, int32_t(place.entered));
  if (!block || length < 2 || block->flags & SWOLL_BLOCK_faulted) return Address{head.name};
  FormatInput in;
  in.bytes = block->bytes.substr(0, size_t(length));
  return sockaddr(in);
}

Value nameLength(const Header& head, const Place& place) {
  auto length = int32_t(head.nameLength);
  if (place.entered < 0 || length == place.entered) return Signed{length};
  return Form{{Signed{length}}, std::to_string(place.entered) + " => " + std::to_string(length)};
}

Value iovOf(const Header& head, const Place& place) {
  const Block* array = place.find(SWOLL_PART_iovec);
  if (!array || !head.iov) return Address{head.iov};
  return pieces(array->bytes, place.find(SWOLL_PART_data), place.in.compat, place.total);
}

Fields whole(const Header& head, const Place& place) {
  Fields out;
  out.fields.push_back({"msg_name", nameOf(head, place)});
  out.fields.push_back({"msg_namelen", nameLength(head, place)});
  out.fields.push_back({"msg_iov", iovOf(head, place)});
  out.fields.push_back({"msg_iovlen", Unsigned{head.iovLength}});
  if (head.controlLength) {
    const Block* block = place.find(SWOLL_PART_control);
    bool here = block && !(block->flags & SWOLL_BLOCK_faulted);
    out.fields.push_back({"msg_control", here ? controls(head, *block, place.in.compat)
                                              : Value(Address{head.control})});
  }
  out.fields.push_back({"msg_controllen", Unsigned{head.controlLength}});
  FormatInput flagsIn;
  flagsIn.set = "msg_flags";
  flagsIn.raw = head.flags;
  out.fields.push_back({"msg_flags", flags(flagsIn)});
  return out;
}

// What was there on entry: element n of an array of heads.
std::string_view enteredHead(const FormatInput& in, size_t n, size_t size) {
  const Block* block = in.record->find(in.index, SWOLL_PART_memory, false);
  if (!block || block->bytes.size() < (n + 1) * size) return {};
  return block->bytes.substr(n * size, size);
}

int64_t enteredLength(const FormatInput& in, size_t n, size_t size) {
  std::string_view head = enteredHead(in, n, size);
  return head.empty() ? -1 : int32_t(Header(head, in.compat).nameLength);
}

bool isFilled(const FormatInput& in) { return *in.set; }

}  // namespace

Value vector(const FormatInput& in) {
  const Block* data = in.record->find(in.index, SWOLL_PART_data, in.output);
  return pieces(in.bytes, data, in.compat, dataBytes(in));
}

Value message(const FormatInput& in) {
  if (in.bytes.size() < Header::size(in.compat)) return Address{in.raw};
  Header head(in.bytes, in.compat);
  if (isFilled(in) && !in.output) {
    // What the call has not filled is nothing yet.
    Fields room{{{"msg_namelen", Signed{int32_t(head.nameLength)}}}};
    return room;
  }
  Place place{in, 0, dataBytes(in)};
  if (in.output) place.entered = enteredLength(in, 0, Header::size(in.compat));
  return whole(head, place);
}

// Sent: all is there on entry, and a length for each that went. Received: all on exit.
Value messages(const FormatInput& in) {
  size_t headSize = Header::size(in.compat), size = in.compat ? 32 : 64;
  bool filled = isFilled(in);
  if (filled && !in.output) return Address{in.raw};
  if (!filled && in.output) return {};  // the lengths, which are with the messages
  auto done = size_t(std::max<int64_t>(in.record->head->ret, 0));
  List out;
  for (size_t n = 0;; n++) {
    const Block* block = in.record->find(in.index, SWOLL_PART_memory, in.output, n);
    if (!block || block->bytes.size() < headSize || (filled && n >= done)) break;
    const Block* after = filled ? block : in.record->find(in.index, SWOLL_PART_memory, true);
    size_t at = (filled ? 0 : n * size) + headSize;
    bool has = n < done && after && after->bytes.size() >= at + 4;
    uint64_t length = has ? wordAt(after->bytes, at, 4) : 0;
    Place place{in, n, filled ? length : ~0ull};
    if (filled) place.entered = enteredLength(in, n, size);
    Fields one;
    one.fields.push_back({"msg_hdr", whole(Header(block->bytes, in.compat), place)});
    if (has) one.fields.push_back({"msg_len", Unsigned{length}});
    out.items.push_back(std::move(one));
  }
  if (out.items.empty()) return Address{in.raw};
  return out;
}

}  // namespace swoll::formats
