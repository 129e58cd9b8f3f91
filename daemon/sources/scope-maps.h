// SPDX-License-Identifier: Apache-2.0
// The kernel's maps of scopes, and what its programs look at before they look into those: a Bloom
// filter of cgroups, the depths at which there are any (bpf/lib/scope.h). A resource of the
// probe's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace/kernel.h"

struct probe;
struct bpf_link;

namespace swoll {

// How many cgroups lie at each depth below the root. A value.
class Depths {
 public:
  void add(uint32_t depth, int change) { counts[depth] += uint32_t(change); }
  // Bit i: there may be one at depth i.
  uint64_t bits() const;

 private:
  std::array<uint32_t, SWOLL_DEPTHS> counts{};  // 0: of which no depth is known
};

class ScopeMaps final : public KernelScopes {
 public:
  ScopeMaps();
  ~ScopeMaps() noexcept override;
  ScopeMaps(const ScopeMaps&) = delete;
  ScopeMaps& operator=(const ScopeMaps&) = delete;

  static void prepare(probe& opened);
  // Borrowed. Before that, what is set is noted nowhere.
  void take(probe& loaded) { skeleton = &loaded; }

  bool setScope(Scope scope, const swoll_scope& value) override;
  void removeScope(Scope scope) override;
  std::optional<std::string> watchNewcomers(bool on) override;
  void newcomerTaken() override;
  // Cgroups to be told apart that lie where the programs do not look, since the start.
  uint64_t cgroupsTooDeep() const;

 private:
  int mapOf(Scope scope) const;
  void count(Scope scope, int change);
  void show(Scope scope, int change);
  void addToBloom(uint64_t id, int change);
  void countDepth(Depths& depths, Scope scope, int change);
  void changed();

  probe* skeleton = nullptr;
  bpf_link* newcomerLink = nullptr;
  std::string watchProblem;           // the last that was logged
  bool seesRoot;                      // of the cgroup v2 tree
  bool knowsStarts;                   // of processes, as the kernel has them
  std::vector<uint16_t> bloomCounts;  // scopes on each bit of the kernel's filter
  std::map<Scope, bool> scopes;       // in the kernel's maps; whether the filter has it
  Depths known, shown;                // of cgroups among them, and in the filter
  uint64_t tooDeep = 0;               // of them, since the start
  uint32_t pidNamespaces = 0;         // of those scopes
};

}  // namespace swoll
