// SPDX-License-Identifier: Apache-2.0
// Finds the running containers of a host from /proc and cgroups alone, with no runtime's help.
//
// A process is a container's when its cgroup's name says so, or when its pid namespace is not the
// host's. The latter are told apart by cgroup where one is theirs alone (a plain `runc run`), and
// by the namespace itself where it is not (a bare `unshare --pid`).
//
// Where only a v1 cgroup has a name, that tells which container it is, and its pid namespace is
// what the kernel finds it by.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "containers/container.h"
#include "observer/cgroup/cgroup-name.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

struct ProcScan {
  std::vector<Container> containers;  // sorted by id
  std::set<std::string> kubernetes;   // ids of those that a CRI runtime should name
  std::string problem;                // empty when all that is needed could be read
  std::string note;                   // what works in a lesser way, for a person

  bool operator==(const ProcScan&) const = default;
};

// Remembers from scan to scan who leads each container, so that a quiet host costs two small reads
// per process and one more per container. One thread.
class ProcObserver {
 public:
  explicit ProcObserver(ProcFs& proc) : proc_(proc) {}  // `proc` outlives this

  ProcScan scan();

 private:
  // The process that stands for a container: its first that still lives.
  struct Lead {
    uint32_t pid = 0;
    uint64_t startTime = 0;
    std::string comm;
  };
  struct Group {
    std::string id, source, cgroupPath;
    std::vector<uint32_t> pids;
    std::string key;  // what its lead is remembered under
    bool kubernetes = false;
  };
  // A pid namespace that is not the host's, with its processes outside of named cgroups.
  struct Foreign {
    std::vector<uint32_t> pids;
    Lead lead;
    std::string leadCgroup;
    size_t depth = 0;  // how many namespaces down from the host's
  };
  using ForeignByNamespace = std::map<uint32_t, Foreign>;
  // The pid namespaces that live in each cgroup; only of those cgroups that no scheme names.
  using Population = std::map<std::string, std::set<uint32_t>>;
  struct Home {
    Lead of;
    std::string cgroupPath;
  };

  static void addNamed(std::map<std::string, Group>& named, const CgroupName& name, bool byV1,
                       uint32_t pid);
  void leaveOutEntered(ForeignByNamespace& foreign, const std::map<std::string, Group>& named,
                       uint32_t host);
  // Whether a plain container's home is above that cgroup, or is it.
  bool isHoused(const std::string& cgroup, bool itself) const;
  std::optional<Lead> lead(const std::string& key, const std::vector<uint32_t>& pids);
  std::optional<std::string> home(uint32_t pidNamespace, const ForeignByNamespace& all,
                                  const Population& population);
  std::vector<Group> groupForeign(ForeignByNamespace& all, const Population& population);
  std::optional<Container> describe(const Group& group, std::optional<uint32_t> host);

  ProcFs& proc_;
  std::map<std::string, Lead> leads_, nextLeads_;  // by group id
  std::map<uint32_t, Home> homes_;                 // by pid namespace
};

}  // namespace swoll
