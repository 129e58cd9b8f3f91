// SPDX-License-Identifier: Apache-2.0
// What ProcFs reads of the tree of cgroups.
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "observer/proc/proc-fs.h"
#include "observer/proc/proc-text.h"

namespace swoll {
namespace {

using namespace procText;

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

// A path with ".." in it is of another cgroup namespace, or a lie: below our mount it names
// nothing.
bool leavesTree(std::string_view path) {
  return (std::string(path) + "/").find("/../") != path.npos;
}

}  // namespace

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
