// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/proc-fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "observer/proc/proc-text.h"

namespace swoll {
namespace {

using namespace procText;

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

std::vector<uint32_t> ProcFs::pidNamespaces(uint32_t pid) const {
  std::vector<uint32_t> found;
  if (const auto own = pidNamespace(pid)) found.push_back(*own);
  const std::string path = proc_ + std::to_string(pid) + "/ns/pid";
  // (A namespace's inode number is its name: proc_pid_ns(5). ioctl_ns(2) has no parent of the
  // outermost.)
  struct stat known {};
  for (int at = found.empty() ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC); at >= 0;) {
    const int parent = ioctl(at, NS_GET_PARENT);
    close(at);
    at = parent;
    if (at >= 0 && fstat(at, &known) == 0) found.push_back(static_cast<uint32_t>(known.st_ino));
  }
  return found;
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

}  // namespace swoll
