// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/proc-fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>

namespace swoll {
namespace {

enum class Shape {
  record,  // a process's own files, which the kernel hands out whole: a short read is the last one
  table,   // grows with the host and comes in pieces of any size
};

std::optional<std::string> readFile(const std::string& path, Shape shape) {
  constexpr size_t kMost = 4 << 20;  // thousands of mounts on a container host
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 8192> block;
  ssize_t got = 0;
  while (text.size() < kMost && (got = read(fd, block.data(), block.size())) > 0) {
    text.append(block.data(), static_cast<size_t>(got));
    if (shape == Shape::record && static_cast<size_t>(got) < block.size()) break;
  }
  close(fd);
  if (got < 0) return std::nullopt;
  return text;
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// Cuts the text before `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view head = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return head;
}

// The rest of the first line that starts so.
std::optional<std::string_view> lineAfter(std::string_view text, std::string_view start) {
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (!line.starts_with(start)) continue;
    line.remove_prefix(start.size());
    return line;
  }
  return std::nullopt;
}

// The kernel writes space, tab, newline and backslash in a mount point as three octal digits.
std::string unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, 3);
    const bool escaped = text[i] == '\\' && digits.size() == 3 &&
                         digits.find_first_not_of("01234567") == digits.npos;
    if (!escaped) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    i += 3;
  }
  return plain;
}

// `process` is below `from`, as in openat(2), and ends with a slash or is empty.
std::optional<uint32_t> namespaceAt(int from, const std::string& process, std::string_view kind) {
  std::array<char, 64> link;  // pid:[4026531836]
  const std::string path = process + "ns/" + std::string(kind);
  const ssize_t size = readlinkat(from, path.c_str(), link.data(), link.size());
  if (size < 0) return std::nullopt;
  std::string_view text(link.data(), static_cast<size_t>(size));
  if (take(text, ':') != kind || !text.starts_with('[')) return std::nullopt;
  return parse<uint32_t>(text.substr(1));
}

std::optional<uint32_t> namespaceOf(const std::string& process, std::string_view kind) {
  return namespaceAt(AT_FDCWD, process + "/", kind);
}

// A path with ".." in it is of another cgroup namespace, or a lie: below our mount it names
// nothing.
bool leavesTree(std::string_view path) {
  return (std::string(path) + "/").find("/../") != path.npos;
}

std::vector<uint32_t> namespacePidsOf(const std::string& process) {
  std::vector<uint32_t> numbers;
  const auto text = readFile(process + "/status", Shape::record);
  auto rest = text ? lineAfter(*text, "NSpid:\t") : std::nullopt;
  while (rest && !rest->empty())
    if (const auto number = parse<uint32_t>(take(*rest, '\t'))) numbers.push_back(*number);
  return numbers;
}

}  // namespace

ProcessFolder::~ProcessFolder() {
  if (fd_ >= 0) close(fd_);
}

std::optional<uint32_t> ProcessFolder::pidNamespace() const { return namespaceAt(fd_, "", "pid"); }

std::optional<uint32_t> ProcessFolder::mountNamespace() const {
  return namespaceAt(fd_, "", "mnt");
}

ProcFs::ProcFs(std::string_view root) : root_(root) {
  while (root_.ends_with('/')) root_.pop_back();
  proc_ = root_ + "/proc/";
}

std::vector<uint32_t> ProcFs::pids() const {
  std::vector<uint32_t> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(proc_.c_str()), closedir);
  // Not a host without processes.
  if (!dir && errno != ENOENT)
    throw std::system_error(errno, std::generic_category(), "cannot read " + proc_);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr)
    if (const auto pid = parse<uint32_t>(entry->d_name)) found.push_back(*pid);
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<uint32_t> ProcFs::pidNamespace(uint32_t pid) const {
  return namespaceOf(proc_ + std::to_string(pid), "pid");
}

std::optional<uint32_t> ProcFs::mountNamespace(uint32_t pid) const {
  return namespaceOf(proc_ + std::to_string(pid), "mnt");
}

std::vector<uint32_t> ProcFs::namespacePids(uint32_t pid) const {
  return namespacePidsOf(proc_ + std::to_string(pid));
}

std::optional<uint32_t> ProcFs::hostPidNamespace() const {
  if (const auto init = pidNamespace(1)) return init;
  // An init with more capabilities than this process has does not show its own. One number means
  // that this process lives in the namespace that the /proc was mounted for.
  if (namespacePidsOf(proc_ + "self").size() == 1) return namespaceOf(proc_ + "self", "pid");
  return std::nullopt;
}

std::optional<uint32_t> ProcFs::hostMountNamespace() const {
  if (const auto init = mountNamespace(1)) return init;
  if (namespacePidsOf(proc_ + "self").size() == 1) return namespaceOf(proc_ + "self", "mnt");
  return std::nullopt;
}

std::optional<std::string> ProcFs::cgroupText(uint32_t pid) const {
  return readFile(proc_ + std::to_string(pid) + "/cgroup", Shape::record);
}

std::optional<ProcessFolder> ProcFs::folder(uint32_t pid) const {
  const int fd = open((proc_ + std::to_string(pid)).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return ProcessFolder(fd);
}

std::optional<ProcessStat> ProcFs::stat(uint32_t pid) const {
  const auto text = readFile(proc_ + std::to_string(pid) + "/stat", Shape::record);
  if (!text) return std::nullopt;
  // "pid (comm) state ...", and comm may hold spaces and brackets itself.
  const size_t open = text->find('('), close = text->rfind(')');
  if (open == text->npos || close == text->npos || close < open) return std::nullopt;
  ProcessStat stat;
  stat.comm = text->substr(open + 1, close - open - 1);

  enum : size_t { kState = 0, kFlags = 6, kStartTime = 19 };  // as proc(5) counts, less 3
  constexpr uint32_t kPfKthread = 0x00200000;
  std::string_view rest = std::string_view(*text).substr(std::min(close + 2, text->size()));
  std::array<std::string_view, kStartTime + 1> field;
  for (std::string_view& each : field) each = take(rest, ' ');
  const auto flags = parse<uint32_t>(field[kFlags]);
  const auto startTime = parse<uint64_t>(field[kStartTime]);
  if (!flags || !startTime) return std::nullopt;
  stat.alive = field[kState].find_first_of("ZXx") == std::string_view::npos;
  stat.kernelThread = (*flags & kPfKthread) != 0;
  stat.startTime = *startTime;
  return stat;
}

std::optional<std::string> ProcFs::cgroupMount() {
  if (!cgroupMount_.empty()) return cgroupMount_;
  // Another root's mounts are those that its init sees, named from its own root.
  const auto table = readFile(proc_ + (root_.empty() ? "self" : "1") + "/mountinfo", Shape::table);
  std::string_view lines = table ? std::string_view(*table) : std::string_view();
  while (!lines.empty()) {
    std::string_view line = take(lines, '\n');
    const size_t tail = line.find(" - ");
    if (tail == line.npos || !line.substr(tail).starts_with(" - cgroup2 ")) continue;
    std::array<std::string_view, 5> field;  // id, parent, device, root, mount point
    for (std::string_view& each : field) each = take(line, ' ');
    std::string mount = root_ + unescape(field[4]);
    // Of part of the tree, or hidden from this process (a root that is bound here without what is
    // mounted in it): its inodes would be others.
    if (field[3] != "/" || access((mount + "/cgroup.controllers").c_str(), F_OK) != 0) continue;
    cgroupMount_ = std::move(mount);
    return cgroupMount_;
  }
  return std::nullopt;
}

std::optional<uint64_t> ProcFs::cgroupId(const std::string& path) const {
  struct stat status;
  if (cgroupMount_.empty() || leavesTree(path)) return std::nullopt;
  if (::stat((cgroupMount_ + path).c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return std::nullopt;
  return status.st_ino;
}

std::vector<ProcFs::Member> ProcFs::cgroupMembers(const std::string& path) const {
  constexpr size_t kMostMembers = 1000, kMostFolders = 200;
  std::vector<Member> members;
  if (cgroupMount_.empty() || leavesTree(path)) return members;
  std::vector<std::string> folders{path};
  for (size_t i = 0; i < folders.size() && members.size() < kMostMembers; ++i) {
    const std::string folder = folders[i], real = cgroupMount_ + folder;
    const auto text = readFile(real + "/cgroup.procs", Shape::table);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty() && members.size() < kMostMembers)
      if (const auto pid = parse<uint32_t>(take(rest, '\n')); pid && *pid != 0)
        members.emplace_back(*pid, folder);
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(real.c_str()), closedir);
    while (const dirent* entry = dir ? readdir(dir.get()) : nullptr)
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.' && folders.size() < kMostFolders)
        folders.push_back(folder + "/" + entry->d_name);
  }
  return members;
}

std::optional<bool> ProcFs::isPopulated(const std::string& path) const {
  if (cgroupMount_.empty() || leavesTree(path)) return std::nullopt;
  const auto text = readFile(cgroupMount_ + path + "/cgroup.events", Shape::record);
  const auto value = text ? lineAfter(*text, "populated ") : std::nullopt;
  return value ? std::optional(*value != "0") : std::nullopt;
}

}  // namespace swoll
