// SPDX-License-Identifier: Apache-2.0
// A made-up host for the observer's tests: a tree of /proc and cgroups below a temporary root.
#pragma once

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "containers/container.h"
#include "keep.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX64B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

// One process, as /proc shows it. A value.
struct Process {
  uint32_t pid;
  uint32_t space;  // pid namespace; 0: its link can't be read any more
  std::string cgroup;
  uint64_t startTime = 1;
  std::string comm = "app";
  std::string numbers = "";  // NSpid
  std::string state = "S";
  uint32_t flags = 0;
};

constexpr uint32_t kHost = 1000;
constexpr uint32_t kKernelThread = 0x00200000;

// A resource: the tree goes with it.
class Host {
 public:
  explicit Host(const std::vector<Process>& processes) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "observer-test.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    add({1, kHost, "/init.scope", 0, "init", "1"});
    write(root_ / "proc/1/mountinfo",
          "22 1 0:21 / /proc rw - proc proc rw\n"
          "30 1 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
    write(root_ / "sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    for (const Process& process : processes) add(process);
  }
  ~Host() { std::filesystem::remove_all(root_); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void add(const Process& p) {
    const std::filesystem::path dir = root_ / "proc" / std::to_string(p.pid);
    std::filesystem::create_directories(dir / "ns");
    if (p.space != 0)
      std::filesystem::create_symlink("pid:[" + std::to_string(p.space) + "]", dir / "ns/pid");
    write(dir / "cgroup", "4:memory:/elsewhere\n0::" + p.cgroup + "\n");
    write(dir / "status", "Name:\t" + p.comm + "\nNSpid:\t" + p.numbers + "\n");
    std::string stat = std::to_string(p.pid) + " (" + p.comm + ") " + p.state + " 1 1 1 0 -1 ";
    stat += std::to_string(p.flags);
    for (int i = 0; i < 12; ++i) stat += " 0";
    write(dir / "stat", stat + " " + std::to_string(p.startTime) + " 0 0\n");
    std::filesystem::create_symlink("mnt:[" + std::to_string(p.pid + 5000) + "]", dir / "ns/mnt");
    if (p.cgroup.empty()) return;
    makeCgroup(p.cgroup);
    cgroupOf_[p.pid] = p.cgroup;
    writeMembers(p.cgroup);
  }
  void remove(uint32_t pid) {
    std::filesystem::remove_all(root_ / "proc" / std::to_string(pid));
    const std::string cgroup = std::exchange(cgroupOf_[pid], "");
    if (!cgroup.empty()) writeMembers(cgroup);
  }
  uint64_t makeCgroup(const std::string& path) {
    std::filesystem::create_directories(root_ / ("sys/fs/cgroup" + path));
    return cgroupId(path);
  }
  void removeCgroup(const std::string& path) {
    std::filesystem::remove_all(root_ / ("sys/fs/cgroup" + path));
  }
  // What /proc/PID/cgroup says, where it is not the usual.
  void setCgroups(uint32_t pid, const std::string& text) {
    write(root_ / "proc" / std::to_string(pid) / "cgroup", text);
  }
  // No cgroup v2 on this host.
  void unmount() { std::filesystem::remove_all(root_ / "sys/fs/cgroup/cgroup.controllers"); }
  std::string root() const { return root_.string(); }
  uint64_t cgroupId(const std::string& path) const {
    ProcFs proc(root());
    proc.cgroupMount();
    return proc.cgroupId(path).value_or(0);
  }

 private:
  void writeMembers(const std::string& cgroup) const {
    std::string pids;
    for (const auto& [pid, of] : cgroupOf_)
      if (of == cgroup) pids += std::to_string(pid) + "\n";
    write(root_ / ("sys/fs/cgroup" + cgroup) / "cgroup.procs", pids);
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::filesystem::path root_;
  std::map<uint32_t, std::string> cgroupOf_;  // by pid
};

// "source id@cgroup pid; ..."; what follows '!' is wrong with it.
inline std::string inWords(const Host& host, const std::vector<Container>& containers) {
  std::string text;
  for (const Container& c : containers) {
    text += c.source + " " + c.id + "@" + c.cgroupPath + " " + std::to_string(c.pid) + "; ";
    if (!c.cgroupPath.empty() && (c.cgroupId == 0 || c.cgroupId != host.cgroupId(c.cgroupPath)))
      text += "!cgroupId ";
    if (c.phase != "Running") text += "!phase ";
  }
  return text;
}

}  // namespace swoll
