// SPDX-License-Identifier: Apache-2.0
// Asynchronous input and output: aio's blocks and io_uring's set-up.
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

void add(Fields& to, const Fields& from, const char* name) {
  for (const Field& field : from.fields)
    if (field.name == name) to.fields.push_back(field);
}

Fields fieldsOf(const char* layout, std::string_view bytes, bool compat) {
  Value value = structureOf(layout, bytes, compat);
  auto* fields = std::get_if<Fields>(&value);
  return fields ? *fields : Fields{};
}

constexpr size_t blockBytes = 64;  // include/uapi/linux/aio_abi.h, struct iocb

// Which members of an iocb mean something depends on its command.
Value block(std::string_view bytes, bool compat, bool submitted) {
  enum { pread, pwrite, poll = 5, preadv = 7, pwritev = 8 };
  Fields all = fieldsOf("iocb", bytes, compat), out;
  uint64_t command = wordAt(bytes, 16, 2), buffer = wordAt(bytes, 24, 8);
  add(out, all, "aio_data");
  if (wordAt(bytes, 8, 4)) add(out, all, "aio_key");
  if (wordAt(bytes, 12, 4)) add(out, all, "aio_rw_flags");
  add(out, all, "aio_lio_opcode");
  if (wordAt(bytes, 18, 2)) add(out, all, "aio_reqprio");
  add(out, all, "aio_fildes");
  bool moves = submitted &&
               (command == pread || command == pwrite || command == preadv || command == pwritev);
  if (submitted && command == poll)
    out.fields.push_back({"aio_buf", flagsOf("poll_events", buffer)});
  if (moves) {
    out.fields.push_back({"aio_buf", buffer ? Value(Hex{buffer}) : Value(Hex{0})});
    add(out, all, "aio_nbytes");
    add(out, all, "aio_offset");
  }
  uint64_t flags = wordAt(bytes, 56, 4);
  if (flags) add(out, all, "aio_flags");
  if (flags & 1) add(out, all, "aio_resfd");
  return out;
}

}  // namespace

Value aioBlock(const FormatInput& in) { return block(in.bytes, in.compat, false); }

Value aioBlocks(const FormatInput& in) {
  constexpr uint32_t absurd = 4096;  // what the kernel programs take a larger count for
  const Block* pointers = in.record->find(in.index, SWOLL_PART_memory, in.output);
  if (pointers && pointers->full >= absurd * (in.compat ? 4 : 8)) return Address{in.raw};
  List out;
  size_t width = in.compat ? 4 : 8, n = 0;
  const Block* data = in.record->find(in.index, SWOLL_PART_data, in.output);
  for (size_t at = 0; at + width <= in.bytes.size(); at += width, n++) {
    size_t from = n * blockBytes;
    if (data && from + blockBytes <= data->bytes.size())
      out.items.push_back(block(data->bytes.substr(from, blockBytes), in.compat, true));
    else
      out.items.push_back(Address{wordAt(in.bytes, at, width)});
  }
  return out;
}

// What was asked for, and, behind it, what the kernel has made of it.
Value ringSetup(const FormatInput& in) {
  if (in.output) return {};
  const Block* after = in.record->find(in.index, SWOLL_PART_memory, true);
  Fields given = fieldsOf(in.set, in.bytes, in.compat), out;
  for (const char* name : {"flags", "sq_thread_cpu", "sq_thread_idle", "wq_fd"})
    add(out, given, name);
  if (after) {
    Fields made = fieldsOf(in.set, after->bytes, in.compat);
    for (const char* name : {"sq_entries", "cq_entries", "features", "sq_off", "cq_off"})
      add(out, made, name);
  }
  return out;
}

}  // namespace swoll::formats
