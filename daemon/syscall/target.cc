// SPDX-License-Identifier: Apache-2.0
#include "syscall/target.h"

#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "event/names.h"
#include "syscall/format/formats.h"

namespace swoll {
namespace {

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

// What never was in a folder: its kind by the file system that holds it, and how the kernel makes a
// text of its name and inode number, as %n and %i (each file system's d_dname).
struct PseudoKind {
  uint32_t magic;
  std::string_view name;  // begins so
  const char *kind, *text;
};
constexpr PseudoKind pseudoKinds[] = {
    {PIPEFS_MAGIC, "", "pipe", "pipe:[%i]"},
    {SOCKFS_MAGIC, "", "socket", "socket:[%i]"},
    {ANON_INODE_FS_MAGIC, "[pidfd]", "pidfd", "anon_inode:%n"},
    {ANON_INODE_FS_MAGIC, "", "anon_inode", "anon_inode:%n"},
    {PID_FS_MAGIC, "", "pidfd", "anon_inode:[pidfd]"},
    {NSFS_MAGIC, "", "namespace", "%n:[%i]"},
    {TMPFS_MAGIC, "memfd:", "memfd", "/%n (deleted)"},
    {HUGETLBFS_MAGIC, "memfd:", "memfd", "/%n (deleted)"},
    {DMA_BUF_MAGIC, "", "file", "/dmabuf:%n"},
};

// What has a path, by the file system or the type in its mode.
struct FileKind {
  uint32_t mode;
  const char* kind;
};
constexpr FileKind fileKinds[] = {
    {S_IFREG, "file"},   {S_IFDIR, "directory"}, {S_IFLNK, "symlink"}, {S_IFIFO, "fifo"},
    {S_IFCHR, "device"}, {S_IFBLK, "device"},    {S_IFSOCK, "socket"},
};

const char* kindOf(const swoll_target& head) {
  if (head.magic == NSFS_MAGIC && S_ISREG(head.mode)) return "namespace";
  for (const FileKind& row : fileKinds) {
    if (row.mode == (head.mode & S_IFMT)) return row.kind;
  }
  return "file";
}

std::string expand(std::string_view form, std::string_view name, uint64_t inode) {
  std::string out;
  for (size_t i = 0; i < form.size(); i++) {
    if (form[i] != '%') {
      out += form[i];
    } else if (form[++i] == 'n') {
      out += name;
    } else {
      out += std::to_string(inode);
    }
  }
  return out;
}

struct Named {
  const char* kind;
  std::string path;
};

Named pseudoFile(const swoll_target& head, std::string_view rest) {
  std::string_view name = rest.substr(0, rest.find('\0'));
  for (const PseudoKind& row : pseudoKinds) {
    if (row.magic == head.magic && name.starts_with(row.name))
      return {row.kind, expand(row.text, name, head.inode)};
  }
  return {kindOf(head), expand("/%n (deleted)", name, head.inode)};
}

// From components, the last one first.
Named fileInTree(const swoll_target& head, std::string_view rest) {
  std::string path;
  while (!rest.empty()) {
    size_t end = rest.find('\0');
    if (end == rest.npos && head.flags & SWOLL_TARGET_cut) break;  // half of one
    path = "/" + std::string(rest.substr(0, end)) + path;
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  if (head.flags & SWOLL_TARGET_cut)
    path = "..." + path;
  else if (path.empty())
    path = "/";
  if (head.flags & SWOLL_TARGET_deleted) path += " (deleted)";
  return {kindOf(head), path};
}

// The kernel's own packing of dev_t (include/linux/kdev_t.h) as the C library's.
Value deviceOf(uint32_t packed) {
  FormatInput in;
  in.raw = gnu_dev_makedev(packed >> 20, packed & 0xfffff);
  return formats::device(in);
}

Value named(const char* set, uint64_t number) {
  const FlagSet* names = findSet(set);
  std::string name = names ? enumName(*names, number) : "";
  return name.empty() ? Value(Unsigned{number}) : Value(Symbol{name});
}

template <typename T>
Value addressOf(const T& address, size_t size = sizeof(T)) {
  FormatInput in;
  in.bytes = {reinterpret_cast<const char*>(&address), size};
  return formats::sockaddr(in);
}

template <size_t size>
bool isZero(const unsigned char (&bytes)[size]) {
  static constexpr unsigned char zero[size] = {};
  return memcmp(bytes, zero, size) == 0;
}

Value inetAddress(const unsigned char* bytes, uint16_t port) {
  sockaddr_in sa{};
  sa.sin_family = AF_INET;
  sa.sin_port = port;
  memcpy(&sa.sin_addr, bytes, sizeof(sa.sin_addr));
  return addressOf(sa);
}

Value inet6Address(const unsigned char* bytes, uint16_t port, uint32_t interface) {
  sockaddr_in6 sa{};
  sa.sin6_family = AF_INET6;
  sa.sin6_port = port;
  memcpy(&sa.sin6_addr, bytes, sizeof(sa.sin6_addr));
  // getsockname(2) gives it for these alone.
  if (IN6_IS_ADDR_LINKLOCAL(&sa.sin6_addr)) sa.sin6_scope_id = interface;
  return addressOf(sa);
}

Value unixAddress(std::string_view bytes) {
  FormatInput in;
  in.bytes = bytes;
  return formats::sockaddr(in);
}

// A peer is told of once there is one.
void addAddresses(const swoll_socket& socket, std::string_view names, Fields& out) {
  bool connected = socket.peer_port || !isZero(socket.peer);
  if (socket.family == AF_INET) {
    out.fields.push_back({"local", inetAddress(socket.local, socket.local_port)});
    if (connected) out.fields.push_back({"peer", inetAddress(socket.peer, socket.peer_port)});
  } else if (socket.family == AF_INET6) {
    out.fields.push_back(
        {"local", inet6Address(socket.local, socket.local_port, socket.interface)});
    if (connected)
      out.fields.push_back({"peer", inet6Address(socket.peer, socket.peer_port, socket.interface)});
  } else if (socket.family == AF_UNIX &&
             size_t(socket.local_length) + socket.peer_length <= names.size()) {
    if (socket.local_length)
      out.fields.push_back({"local", unixAddress(names.substr(0, socket.local_length))});
    if (socket.peer_length)
      out.fields.push_back(
          {"peer", unixAddress(names.substr(socket.local_length, socket.peer_length))});
  }
}

// The protocol has names where the family is one of IP's; 0 is the type's usual one.
Value protocolOf(const swoll_socket& socket) {
  bool isIp = socket.family == AF_INET || socket.family == AF_INET6;
  if (isIp) return named("inet_protocol", socket.protocol);
  return Unsigned{socket.protocol};
}

Value socketTarget(const swoll_target& head, std::string_view rest) {
  swoll_socket socket;
  if (rest.size() < sizeof(socket)) return {};
  memcpy(&socket, rest.data(), sizeof(socket));
  Fields out{{{"kind", Symbol{"socket"}}, {"inode", Unsigned{head.inode}}}};
  if (socket.family == AF_UNSPEC) return out;  // it was being closed
  out.fields.push_back({"family", named("socket_family", socket.family)});
  out.fields.push_back({"type", named("socket_type", socket.type)});
  out.fields.push_back({"protocol", protocolOf(socket)});
  addAddresses(socket, rest.substr(sizeof(socket)), out);
  return out;
}

const Value& member(const Value& target, std::string_view name) {
  static const Value none;
  const auto* fields = std::get_if<Fields>(&target);
  if (!fields) return none;
  for (const Field& field : fields->fields)
    if (field.name == name) return field.value;
  return none;
}

// Where a path leads that begins at that folder; none if the path needs no telling.
Value pathTarget(const Argument& arg, const Value& folder) {
  const auto* path = std::get_if<Bytes>(&arg.value);
  const auto* base = std::get_if<Bytes>(&member(folder, "path"));
  if (!path || !base || path->value.empty() || path->value[0] == '/' || base->value.empty())
    return {};
  std::string slash = base->value.ends_with('/') ? "" : "/";
  Fields out{{{"kind", Symbol{"path"}}, {"path", Bytes{base->value + slash + path->value}}}};
  bool truncated =
      arg.truncated || !std::holds_alternative<std::monostate>(member(folder, "truncated"));
  if (truncated) out.fields.push_back({"truncated", Unsigned{1}});
  return out;
}

Value blockTarget(const Record& record, size_t index, swoll_part part) {
  const Block* block = record.find(uint8_t(index), part, false);
  return block ? targetOf(block->bytes) : Value{};
}

}  // namespace

Value targetOf(std::string_view bytes) {
  swoll_target head;
  if (bytes.size() < sizeof(head)) return {};
  memcpy(&head, bytes.data(), sizeof(head));
  std::string_view rest = bytes.substr(sizeof(head));
  if (head.flags & SWOLL_TARGET_socket) return socketTarget(head, rest);

  Named file = head.flags & SWOLL_TARGET_pseudo ? pseudoFile(head, rest) : fileInTree(head, rest);
  Fields out{{{"kind", Symbol{file.kind}}}};
  if (!(head.flags & SWOLL_TARGET_moving)) out.fields.push_back({"path", Bytes{file.path}});
  out.fields.push_back({"inode", Unsigned{head.inode}});
  out.fields.push_back({"device", deviceOf(head.device)});
  if (S_ISCHR(head.mode) || S_ISBLK(head.mode)) out.fields.push_back({"rdev", deviceOf(head.rdev)});
  if (head.flags & (SWOLL_TARGET_cut | SWOLL_TARGET_moving))
    out.fields.push_back({"truncated", Unsigned{1}});
  return out;
}

void addTarget(const Record& record, const Arg& row, const Arg* before, size_t reg, Argument& arg) {
  if (row.kind == ArgKind::fd || row.kind == ArgKind::dirfd) {
    arg.target = blockTarget(record, reg, SWOLL_PART_target);
  } else if (row.isPath) {
    bool behindFolder = reg > 0 && before && before->kind == ArgKind::dirfd;
    arg.target = pathTarget(arg, behindFolder ? blockTarget(record, reg - 1, SWOLL_PART_target)
                                              : blockTarget(record, reg, SWOLL_PART_base));
  }
}

Value resultTarget(const Record& record) {
  return blockTarget(record, SWOLL_ARG_RESULT, SWOLL_PART_target);
}

}  // namespace swoll
