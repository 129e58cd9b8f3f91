// SPDX-License-Identifier: Apache-2.0
// Reads /proc and the cgroup v2 tree, below a root that need not be this process's own.
//
// Processes vanish between any two reads, so each answer may be absent and none is an error.
// Reading another user's namespaces takes CAP_SYS_PTRACE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swoll {

struct ProcessStat {
  std::string comm;
  bool alive = true;  // neither zombie nor dead
  bool kernelThread = false;
  uint64_t startTime = 0;  // clock ticks since boot; with the pid, names one process for good
};

// The folder of one process, also when another has got its number: once it has ended, nothing more
// can be read there. A resource, to be moved.
class ProcessFolder {
 public:
  explicit ProcessFolder(int fd) : fd_(fd) {}
  ProcessFolder(ProcessFolder&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~ProcessFolder();
  // As ProcFs has them; a zombie has none any more.
  std::optional<uint32_t> pidNamespace() const;
  std::optional<uint32_t> mountNamespace() const;

 private:
  int fd_;
};

// A value: it holds paths, no descriptors.
class ProcFs {
 public:
  explicit ProcFs(std::string_view root = {});

  const std::string& root() const { return root_; }  // empty for this host's own
  std::vector<uint32_t> pids() const;                // ascending

  std::optional<uint32_t> pidNamespace(uint32_t pid) const;  // the active one, as inode number
  // That one, then those that it is in, outwards, as far as this process may know them.
  std::vector<uint32_t> pidNamespaces(uint32_t pid) const;
  std::optional<uint32_t> mountNamespace(uint32_t pid) const;
  std::optional<uint32_t> hostPidNamespace() const;           // that of pid 1 below the root
  std::optional<uint32_t> hostMountNamespace() const;         // likewise
  std::optional<std::string> cgroupText(uint32_t pid) const;  // for placeIn()
  std::optional<ProcessStat> stat(uint32_t pid) const;
  std::optional<ProcessFolder> folder(uint32_t pid) const;
  std::vector<uint32_t> namespacePids(uint32_t pid) const;  // its number, outermost namespace first

  // Where cgroup v2 is mounted, as a path that this process can open; looked for again as long as
  // there is none.
  std::optional<std::string> cgroupMount();
  // The kernel's id of a cgroup, which is its directory's inode number.
  std::optional<uint64_t> cgroupId(const std::string& path) const;
  // The processes in a cgroup and below it, with its path; 1,000 at most.
  using Member = std::pair<uint32_t, std::string>;
  std::vector<Member> cgroupMembers(const std::string& path) const;
  // Whether a process lives in the cgroup or below it, as the kernel knows at one moment: of two
  // that take turns a list may show neither. Nothing: it does not say.
  std::optional<bool> isPopulated(const std::string& path) const;

 private:
  std::string root_;
  std::string proc_;
  std::string cgroupMount_;  // empty until found
};

}  // namespace swoll
