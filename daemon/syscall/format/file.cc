// SPDX-License-Identifier: Apache-2.0
// Files: their attributes, the entries of directories, handles, times.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

std::string hexQuoted(std::string_view bytes) {
  std::string out = "\"";
  for (char c : bytes) {
    char escape[8];
    snprintf(escape, sizeof escape, "\\x%02x", uint8_t(c));
    out += escape;
  }
  return out + '"';
}

// The members of those names, in this order, as far as they are there.
Fields picked(const Fields& from, std::initializer_list<const char*> names) {
  Fields out;
  for (const char* name : names)
    for (const Field& field : from.fields)
      if (field.name == name) out.fields.push_back(field);
  return out;
}

Value typeName(uint64_t type) {
  FormatInput in;
  in.set = "directory_type";
  in.raw = type;
  return enumeration(in);
}

std::string upToNul(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find('\0')));
}

// include/linux/dirent.h: d_ino, d_off, d_reclen, then either the type and the name or the name,
// with the type as the last byte.
struct Entry {
  Value value;
  size_t size;
};
std::optional<Entry> entryAt(std::string_view bytes, size_t at, size_t word, bool typeFirst) {
  size_t head = 2 * word + 2 + (typeFirst ? 1 : 0);
  if (at + head > bytes.size()) return {};
  size_t size = wordAt(bytes, at + 2 * word, 2);
  if (size < head || at + size > bytes.size()) return {};
  std::string_view name = bytes.substr(at + head, size - head);
  Fields out;
  out.fields.push_back({"d_ino", Unsigned{wordAt(bytes, at, word)}});
  uint64_t offset = wordAt(bytes, at + word, word);
  out.fields.push_back({"d_off", typeFirst ? Value(Signed{int64_t(offset)}) : Unsigned{offset}});
  out.fields.push_back({"d_reclen", Unsigned{size}});
  Value type =
      typeName(typeFirst ? wordAt(bytes, at + 2 * word + 2, 1) : wordAt(bytes, at + size - 1, 1));
  if (typeFirst) out.fields.push_back({"d_type", type});
  out.fields.push_back({"d_name", Bytes{upToNul(name)}});
  if (!typeFirst) out.fields.push_back({"d_type", type});
  return Entry{out, size};
}

// The one entry that readdir gives: struct old_linux_dirent.
Value oldEntry(std::string_view bytes, size_t word) {
  size_t length = wordAt(bytes, 2 * word, 2), head = 2 * word + 2;
  return Fields{{{"d_ino", Unsigned{wordAt(bytes, 0, word)}},
                 {"d_off", Unsigned{wordAt(bytes, word, word)}},
                 {"d_reclen", Unsigned{length}},
                 {"d_name", Bytes{upToNul(bytes.substr(std::min(head, bytes.size()), length))}}}};
}

}  // namespace

Value hexBytes(const FormatInput& in) {
  const Block* block =
      in.record ? in.record->find(in.index, SWOLL_PART_memory, in.output) : nullptr;
  bool cut = block && block->flags & (SWOLL_BLOCK_truncated | SWOLL_BLOCK_faulted);
  return Form{{Bytes{std::string(in.bytes)}}, hexQuoted(in.bytes) + (cut ? "..." : "")};
}

// Text in practice, with or without its terminator. The kernel takes no more than 64 KiB.
Value attribute(const FormatInput& in) {
  constexpr uint32_t most = 65536;
  const Block* block = in.record->find(in.index, SWOLL_PART_memory, in.output);
  if (block && block->full > most) return Address{in.raw};
  std::string_view bytes = in.bytes;
  if (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
  return Bytes{std::string(bytes)};
}

Value position(const FormatInput& in) {
  auto offset = int64_t(wordAt(in.bytes, 0, 8));
  return Form{{Signed{offset}}, "[" + std::to_string(offset) + "]"};
}

// What a device is stands in place of the size that it has not.
Value fileStatus(const FormatInput& in) {
  Value value = structureOf(in.set, in.bytes, in.compat);
  const auto* all = std::get_if<Fields>(&value);
  if (!all) return value;
  bool isDevice = false;
  for (const Field& field : all->fields) {
    if (field.name != "st_mode") continue;
    if (const auto* mode = std::get_if<Flags>(&field.value))
      isDevice =
          !mode->names.empty() && (mode->names[0] == "S_IFCHR" || mode->names[0] == "S_IFBLK");
  }
  return picked(*all, {"st_dev", "st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_blksize",
                       "st_blocks", isDevice ? "st_rdev" : "st_size", "st_atime", "st_atime_nsec",
                       "st_mtime", "st_mtime_nsec", "st_ctime", "st_ctime_nsec"});
}

Value directory(const FormatInput& in) {
  std::string_view layout = in.set;
  size_t word = in.compat ? 4 : 8;
  if (layout == "one") return oldEntry(in.bytes, word);
  bool typeFirst = layout != "old";
  List out;
  for (size_t at = 0;;) {
    auto entry = entryAt(in.bytes, at, typeFirst ? 8 : word, typeFirst);
    if (!entry) break;
    at += entry->size;
    out.items.push_back(std::move(entry->value));
  }
  return out;
}

// What the caller has room for; then, if the call fills it, what came or how much it would be.
Value fileHandle(const FormatInput& in) {
  constexpr size_t most = 128, head = 8;  // include/uapi/linux/limits.h: MAX_HANDLE_SZ
  uint64_t size = wordAt(in.bytes, 0, 4), room = size;
  std::string_view bytes = in.bytes, data;
  bool fills = *in.set, shown = !fills;
  const Block* after = fills ? in.record->find(in.index, SWOLL_PART_memory, true) : nullptr;
  if (in.output && in.record->head->ret < 0) {
    const Block* before = in.record->find(in.index, SWOLL_PART_memory, false);
    if (before && wordAt(before->bytes, 0, 4) == size) return {};
  }
  if (after && after->bytes.size() >= 4) {
    bytes = after->bytes;
    size = wordAt(bytes, 0, 4);
    shown = in.record->head->ret >= 0;
  }
  if (bytes.size() > head) data = bytes.substr(head, std::min<uint64_t>(size, most));

  Fields out;
  out.fields.push_back({"handle_bytes", Unsigned{in.output || !fills ? size : room}});
  std::string said = "{handle_bytes=" + std::to_string(room);
  if (size != room) said += " => " + std::to_string(size);
  if (shown) {
    auto type = int32_t(wordAt(bytes, 4, 4));
    said += ", handle_type=" + std::to_string(type) + ", f_handle=" + hexQuoted(data) +
            (data.size() < size ? "..." : "");
    if (in.output || !fills) {
      out.fields.push_back({"handle_type", Signed{type}});
      out.fields.push_back({"f_handle", Bytes{std::string(data)}});
    }
  }
  if (in.output) return Form{{out}, ""};  // said with what it was before
  return Form{{out}, said + "}"};
}

Value fileTimes(const FormatInput& in) {
  List out;
  size_t size = in.bytes.size() / 2;
  for (size_t at = 0; size && at + size <= in.bytes.size(); at += size) {
    std::string_view own = in.bytes.substr(at, size);
    uint64_t part = wordAt(own, size / 2, size / 2);
    bool fine = std::string_view(in.set).starts_with("timespec");
    if (fine && part == UTIME_NOW)
      out.items.push_back(Symbol{"UTIME_NOW"});
    else if (fine && part == UTIME_OMIT)
      out.items.push_back(Symbol{"UTIME_OMIT"});
    else
      out.items.push_back(structureOf(in.set, own, in.compat));
  }
  return out;
}

}  // namespace swoll::formats
