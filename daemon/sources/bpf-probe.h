// SPDX-License-Identifier: Apache-2.0
// The kernel programs: loaded once, those of each kind of event put on while somebody wants it. A
// resource; it owns the programs, the maps and the ring. One thread, save where libbpf logs.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "sources/processes/process-hooks.h"
#include "sources/syscalls/call-hooks.h"
#include "sources/syscalls/cell-map.h"
#include "trace/kernel-filter.h"

struct probe;
struct bpf_link;
struct ring_buffer;

namespace swoll {

struct ProbeSettings {
  uint32_t ringBytes = 8 * 1024 * 1024;   // rounded up to a power of two
  uint32_t maxString = SWOLL_MAX_STRING;  // bytes with terminator
  uint32_t maxBuffer = 512;               // bytes
  uint32_t maxArgs = 64;                  // elements of argv
  bool targets = true;                    // what descriptors stand for is looked up
  uint32_t cells = 32768;                 // for counts of calls, rounded up to a power of two
};

// What a program has cost since it was loaded, while the kernel measured that.
struct ProgramCost {
  std::string name;
  uint64_t ns = 0, runs = 0;
};

// How many cgroups lie at each depth below the root. A value.
class Depths {
 public:
  void add(uint32_t depth, int change) { counts[depth] += uint32_t(change); }
  // Bit i: there may be one at depth i.
  uint64_t bits() const;

 private:
  std::array<uint32_t, SWOLL_DEPTHS> counts{};  // 0: of which no depth is known
};

class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  virtual void accept(const void* data, size_t size) = 0;
};

class BpfProbe final : public KernelFilter {
 public:
  // The kernel wakes the reader at most once in this time, so the reader looks again by itself
  // once that long after each wake-up.
  static constexpr std::chrono::nanoseconds wakeupInterval = std::chrono::milliseconds(5);

  explicit BpfProbe(const ProbeSettings& settings);
  ~BpfProbe() noexcept override;

  // Loads the programs if they are not; answers why it could not, in words to act on. What was
  // set before a successful load is lost: the hub sets it again.
  std::optional<std::string> load();
  bool loaded() const { return skeleton != nullptr; }
  // Whether the hooks of that kind are on.
  bool sees(EventKind kind) const { return sources[size_t(kind)].isOn; }
  // What they can't tell though they are on; "": nothing.
  const std::string& missing(EventKind kind) const { return sources[size_t(kind)].missing; }

  // Borrowed; none before the first call.
  void setHandler(RecordHandler* newHandler) { handler = newHandler; }
  // A descriptor that becomes readable when records wait; -1 when not loaded.
  int ringFd() const;
  // Hands over at most `most` records; answers how many.
  size_t consume(size_t most);
  uint64_t consumed() const { return everHanded; }  // so far, by drain() too
  uint32_t ringBytes() const { return settings.ringBytes; }
  // Cgroups to be told apart that lie where the programs do not look, since the start.
  uint64_t cgroupsTooDeep() const;
  // Empty unless `sysctl kernel.bpf_stats_enabled=1` is, or was, on.
  std::vector<ProgramCost> programCosts() const;

  void setRoute(RouteId route, const swoll_filter& filter) override;
  void setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) override;
  void setWanted(EventType type, bool wanted) override;
  bool setScope(Scope scope, const swoll_scope& value) override;
  void removeScope(Scope scope) override;
  swoll_route_counts counts(RouteId route) override;
  void resetCounts(RouteId route) override;
  void attach(bool on) override;
  std::string hookProblem(EventKind kind) const override;
  std::optional<std::string> watchNewcomers(bool on) override;
  void newcomerTaken() override;
  uint64_t newcomersLost() override;
  void setCounting(bool on) override;
  CallCells& cells() override { return cellMap; }
  void drain() override;

 private:
  // The programs of a kind of event.
  struct Source {
    Source(KindHooks* hooks, const char* what) : hooks(hooks), what(what) {}

    KindHooks* hooks;
    const char* what;                                  // they are attached to
    probe* object = nullptr;                           // in which they are loaded
    std::vector<bpf_link*> links;                      // in the order in which they were put on
    bool isOn = false;                                 // all of them
    std::string problem;                               // why they could not be loaded or put on
    std::chrono::steady_clock::time_point nextLoad{};  // of those that were refused
    Backoff<std::chrono::seconds> loadPause{std::chrono::seconds(10), std::chrono::seconds(320)};
    std::string told;     // of those, the last that was logged
    std::string missing;  // see missing()
  };

  std::optional<std::string> tryLoad();
  std::string loadLate(Source& source);
  void putOn(Source& source);
  void complete(Source& source);
  void takeOff(Source& source);
  static int onRecord(void* self, void* data, size_t size);
  void addToBloom(uint64_t id, int change);
  int scopeMap(Scope scope) const;
  void countScope(Scope scope, int change);
  void showScope(Scope scope, int change);
  void countDepth(Depths& depths, Scope scope, int change);
  void scopesChanged();

  ProbeSettings settings;
  RecordHandler* handler = nullptr;
  std::optional<std::string> loadProblem = "the kernel programs are not loaded";
  probe* skeleton = nullptr;
  ring_buffer* ring = nullptr;
  CellMap cellMap;
  CallHooks callHooks;
  ProcessHooks processHooks;
  bpf_link* newcomerLink = nullptr;
  std::string watchProblem;  // the last that was logged
  size_t budget = 0;
  size_t handed = 0, handedBytes = 0;
  uint64_t everHanded = 0;
  bool seesRoot;     // of the cgroup v2 tree
  bool knowsStarts;  // of processes, as the kernel has them
  std::array<Source, kindCount> sources;
  std::vector<uint16_t> bloomCounts;  // scopes on each bit of the kernel's filter
  std::map<Scope, bool> scopes;       // in the kernel's maps; whether the filter has it
  Depths known, shown;                // of cgroups among them, and in the filter
  uint64_t tooDeep = 0;               // of them, since the start
  uint32_t pidNamespaces = 0;         // of those scopes
};

}  // namespace swoll
