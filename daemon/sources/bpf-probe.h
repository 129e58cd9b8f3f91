// SPDX-License-Identifier: Apache-2.0
// The kernel programs: loaded once, those of each kind of event put on while somebody wants it. A
// resource; it owns the programs, the maps and the ring. One thread, save where libbpf logs.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sources/kind-programs.h"
#include "sources/object.h"
#include "sources/processes/process-hooks.h"
#include "sources/record-ring.h"
#include "sources/scope-maps.h"
#include "sources/syscalls/call-hooks.h"
#include "sources/syscalls/cell-map.h"
#include "trace/kernel.h"

namespace swoll {

struct ProbeSettings {
  uint32_t ringBytes = 8 * 1024 * 1024;   // rounded up to a power of two
  uint32_t maxString = SWOLL_MAX_STRING;  // bytes with terminator
  uint32_t maxBuffer = 512;               // bytes
  uint32_t maxArgs = 64;                  // elements of argv
  bool targets = true;                    // what descriptors stand for is looked up
  uint32_t cells = 32768;                 // for counts of calls, rounded up to a power of two
};

class BpfProbe final : private KernelRules, private KernelCounters, private KernelHooks {
 public:
  explicit BpfProbe(const ProbeSettings& settings);

  // Loads the programs if they are not; answers why it could not, in words to act on. What was
  // set before a successful load is lost: the hub sets it again.
  std::optional<std::string> load();
  // What the hub needs. Borrows this.
  Kernel kernel() { return {*this, scopeMaps, *this, *this}; }
  RecordRing& ring() { return records; }

  // Whether the hooks of that kind are on.
  bool sees(EventKind kind) const { return kinds[size_t(kind)].isOn(); }
  // What they can't tell though they are on; "": nothing.
  const std::string& missing(EventKind kind) const { return kinds[size_t(kind)].missing(); }
  std::string hookProblem(EventKind kind) const override;
  uint64_t cgroupsTooDeep() const { return scopeMaps.cgroupsTooDeep(); }
  // Empty unless `sysctl kernel.bpf_stats_enabled=1` is, or was, on.
  std::vector<ProgramCost> programCosts() const;

 private:
  void setRoute(RouteId route, const swoll_filter& filter) override;
  void setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) override;
  void setWanted(EventType type, bool wanted) override;
  void setCounting(bool on) override;
  swoll_route_counts counts(RouteId route) override;
  void resetCounts(RouteId route) override;
  uint64_t newcomersLost() override;
  CallCells& cells() override { return cellMap; }
  void drain() override { records.drain(); }
  void attach(bool on) override;

  std::optional<std::string> tryLoad();

  ProbeSettings settings;
  std::optional<std::string> loadProblem = "the kernel programs are not loaded";
  // In this order: each is borrowed by those behind it.
  ProbeObject skeleton;
  CellMap cellMap;
  RecordRing records;
  ScopeMaps scopeMaps;
  CallHooks callHooks;
  ProcessHooks processHooks;
  std::array<KindPrograms, kindCount> kinds;
};

}  // namespace swoll
