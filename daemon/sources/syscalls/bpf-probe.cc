// SPDX-License-Identifier: Apache-2.0
#include "sources/syscalls/bpf-probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstring>
#include <map>
#include <utility>

#include "base/log.h"
#include "probe.skel.h"
#include "sources/syscalls/capture-plan.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

// libbpf says what went wrong in its log alone; the last word of a load is kept for status.
std::string lastWarning;

// Not what only frames or follows it.
bool tellsWhy(const std::string& line) {
  return !line.starts_with("processed") && !line.starts_with("--") &&
         line.find("failed to load") == line.npos;
}

int onLibbpfPrint(libbpf_print_level level, const char* format, va_list args) {
  va_list again;
  va_copy(again, args);
  std::string text(size_t(vsnprintf(nullptr, 0, format, again)) + 1, '\0');
  va_end(again);
  vsnprintf(text.data(), text.size(), format, args);
  text.resize(text.find_last_not_of(std::string("\n\0", 2)) + 1);

  // The verifier explains itself in many lines, of which the last ones matter.
  constexpr size_t tail = 2000;
  if (text.size() > tail) text.erase(0, text.size() - tail);
  for (size_t start = 0, end; start < text.size(); start = end + 1) {
    end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (level == LIBBPF_WARN && tellsWhy(line)) lastWarning = line;
    log(LogLevel::debug, line);
  }
  return 0;
}

uint32_t roundUp(uint32_t bytes) {
  uint32_t size = 4096;
  while (size < bytes && size < (1u << 30)) size *= 2;
  return size;
}

std::string explain(const char* what, int error) {
  std::string text = std::string(what) + ": " + strerror(error);
  if (error == EPERM)
    text += "; swolld needs CAP_BPF and CAP_PERFMON, or root";
  else if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 0)
    text += "; this kernel has no task storage for BPF: Linux 5.15 or newer is needed";
  else if (!lastWarning.empty())
    text += " (" + lastWarning + ")";
  return text;
}

// What loading cost: told once, and what a report of a slow or refused load begins with.
std::string loadReport(const probe& skeleton, std::chrono::steady_clock::duration took) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  std::string text =
      "kernel programs loaded in " + std::to_string(ms) + " ms; verified instructions:";
  bpf_program* program;
  bpf_object__for_each_program(program, skeleton.obj) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size)) continue;
    text += std::string(" ") + bpf_program__name(program) + " " +
            (info.verified_insns ? std::to_string(info.verified_insns) : "not told");
  }
  return text;
}

// By include/linux/proc_ns.h.
constexpr ino_t rootCgroupNamespace = 0xEFFFFFFB, rootTimeNamespace = 0xEFFFFFFA;

// A kernel without namespaces of the kind has the root's alone.
bool isInNamespace(const char* file, ino_t root) {
  struct stat space;
  return stat(file, &space) != 0 || space.st_ino == root;
}

void fillNumbers(const volatile uint16_t* table, Arch arch) {
  auto* numbers = const_cast<uint16_t*>(table);
  for (uint32_t n = 0; n < SWOLL_MAX_NUMBERS; n++) numbers[n] = callByNumber(arch, n);
}

void fillReadOnly(probe& skeleton, const ProbeSettings& settings) {
  auto& data = *skeleton.rodata;
  swoll_settings kernel{};
  kernel.max_string = std::clamp(settings.maxString, 2u, uint32_t(SWOLL_MAX_STRING));
  kernel.max_buffer = std::clamp(settings.maxBuffer, 1u, uint32_t(SWOLL_MAX_BUFFER));
  kernel.max_strings = std::clamp(settings.maxArgs, 1u, uint32_t(SWOLL_MAX_STRINGS));
  kernel.targets = settings.targets;
  kernel.wakeup_ns = BpfProbe::wakeupInterval.count();
  memcpy(const_cast<swoll_settings*>(&data.settings), &kernel, sizeof(kernel));

  auto archs = hostArchs();
  const_cast<uint8_t&>(data.native_arch) = uint8_t(archs.front());
  const_cast<uint8_t&>(data.compat_arch) = uint8_t(archs.back());
  fillNumbers(data.native_calls, archs.front());
  if (archs.size() > 1) fillNumbers(data.compat_calls, archs.back());

  const_cast<uint32_t&>(data.page_size) = uint32_t(sysconf(_SC_PAGESIZE));

  auto pointees = pointeeTable();
  memcpy(const_cast<swoll_pointee*>(&data.pointees[0]), pointees.data(),
         std::min(pointees.size_bytes(), sizeof(data.pointees)));
  auto table = syscallTable();
  for (size_t i = 0; i < table.size(); i++) {
    swoll_call_plan plan = capturePlan(CallId(i));
    memcpy(const_cast<swoll_call_plan*>(&data.plans[i]), &plan, sizeof(plan));
  }
}

// A call in one of its meanings has a plan of its own, behind those of the calls. Answers the plan
// of each (call, variant), in the order in which they first come.
struct VariantPlans {
  std::map<std::pair<CallId, size_t>, uint32_t> ids;

  explicit VariantPlans(probe& skeleton) {
    for (const VariantKey& key : variantKeys()) {
      auto [at, fresh] = ids.try_emplace({key.call, key.variant}, SWOLL_MAX_CALLS + ids.size());
      if (!fresh || at->second >= SWOLL_MAX_PLANS) continue;
      swoll_call_plan plan = variantPlan(key.call, variants()[key.variant]);
      memcpy(const_cast<swoll_call_plan*>(&skeleton.rodata->plans[at->second]), &plan,
             sizeof(plan));
    }
  }

  int fillMap(int map) const {
    for (const VariantKey& key : variantKeys()) {
      swoll_variant from{.call = key.call, .value = key.value};
      uint32_t plan = ids.at({key.call, key.variant});
      if (bpf_map_update_elem(map, &from, &plan, BPF_ANY)) return -errno;
    }
    return 0;
  }
};

}  // namespace

BpfProbe::BpfProbe(const ProbeSettings& settings)
    : settings(settings),
      seesRoot(isInNamespace("/proc/self/ns/cgroup", rootCgroupNamespace)),
      knowsStarts(isInNamespace("/proc/self/ns/time", rootTimeNamespace)),
      bloomCounts(SWOLL_BLOOM_BITS) {
  this->settings.ringBytes = roundUp(settings.ringBytes);
  libbpf_set_print(onLibbpfPrint);
}

BpfProbe::~BpfProbe() noexcept {
  takeOffHooks();
  bpf_link__destroy(newcomerLink);
  if (ring) ring_buffer__free(ring);
  if (skeleton) probe__destroy(skeleton);
}

std::optional<std::string> BpfProbe::load() {
  if (!skeleton) loadProblem = tryLoad();
  return loadProblem;
}

std::optional<std::string> BpfProbe::tryLoad() {
  probe* fresh = probe__open();
  if (!fresh) return explain("opening the kernel programs", errno);
  fillReadOnly(*fresh, settings);
  VariantPlans variantPlans(*fresh);
  bpf_map__set_max_entries(fresh->maps.ring, settings.ringBytes);
  cellMap.lay(*fresh, settings.cells);
  // One hook less is no reason to trace nothing.
  if (libbpf_find_vmlinux_btf_id("cgroup_mkdir", BPF_TRACE_RAW_TP) < 0)
    bpf_program__set_autoload(fresh->progs.swoll_newcomer, false);
  // bpf_rdonly_cast is looked for in modules where the kernel itself has none, and those may be
  // looked through with CAP_SYS_ADMIN alone: libbpf 1.1 gives up there, though the symbol is weak.
  // It tries that once an object, so it has its try before, with a name that there can't be.
  bpf_program__set_attach_target(fresh->progs.swoll_end, 0, "swoll-none");
  lastWarning.clear();
  auto began = std::chrono::steady_clock::now();
  int error = probe__load(fresh);
  auto took = std::chrono::steady_clock::now() - began;
  if (!error) error = variantPlans.fillMap(bpf_map__fd(fresh->maps.variants));
  if (error) {
    auto text = explain("loading the kernel programs", -error);
    probe__destroy(fresh);
    return text;
  }
  ring = ring_buffer__new(bpf_map__fd(fresh->maps.ring), onRecord, this, nullptr);
  std::optional<std::string> problem;
  if (!ring)
    problem = explain("mapping the ring buffer", errno);
  else
    problem = cellMap.map(*fresh);
  if (problem) {
    ring_buffer__free(std::exchange(ring, nullptr));
    probe__destroy(fresh);
    return problem;
  }
  skeleton = fresh;
  skeleton->bss->interest_generation = SWOLL_INTEREST_changing;  // until the hooks are on
  log(LogLevel::info, loadReport(*fresh, took));
  noteInterest();
  return {};
}

std::vector<ProgramCost> BpfProbe::programCosts() const {
  std::vector<ProgramCost> out;
  if (!skeleton) return out;
  bpf_program* program;
  bpf_object__for_each_program(program, skeleton->obj) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    int fd = bpf_program__fd(program);
    if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) && info.run_cnt)
      out.push_back({bpf_program__name(program), info.run_time_ns, info.run_cnt});
  }
  return out;
}

int BpfProbe::ringFd() const { return skeleton ? bpf_map__fd(skeleton->maps.ring) : -1; }

int BpfProbe::onRecord(void* self, void* data, size_t size) {
  auto& probe = *static_cast<BpfProbe*>(self);
  if (probe.handler) probe.handler->accept(data, size);
  constexpr size_t header = 8;  // of the ring's own, which pads to as much
  probe.handedBytes += (size + header + 7) / 8 * 8;
  // libbpf moves on past this record before it gives up, so a budget loses nothing.
  return ++probe.handed < probe.budget ? 0 : -EAGAIN;
}

size_t BpfProbe::consume(size_t most) {
  if (!ring) return 0;
  budget = most;
  handed = 0;
  ring_buffer__consume(ring);
  everHanded += handed;
  return handed;
}

void BpfProbe::drain() {
  if (!ring) return;
  // What the ring holds, and no more: calls may come as fast as they are read. A record that a
  // program is still writing holds up those behind it, for microseconds; poll() tells of it.
  constexpr size_t atOnce = 1024;
  handedBytes = 0;
  auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
  pollfd waiting{.fd = ringFd(), .events = POLLIN, .revents = 0};
  while (handedBytes < settings.ringBytes)
    if (consume(atOnce) < atOnce &&
        (poll(&waiting, 1, 0) != 1 || std::chrono::steady_clock::now() >= patience))
      return;
}

// Entries first: what has begun gets its end.
void BpfProbe::takeOffHooks() {
  for (; !hooks.empty(); hooks.pop_back()) bpf_link__destroy(hooks.back());
}

std::optional<std::string> BpfProbe::attach(bool on) {
  if (!on) {
    if (!hooks.empty()) unsettle();
    takeOffHooks();
    // The programs that were running have come to their end, and their counts are final
    // (membarrier(2): an RCU grace period; kernels with nohz_full CPUs have none to give).
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) usleep(2000);
    return {};
  }
  if (!skeleton) return loadProblem;
  skeleton->bss->epoch++;
  // Of threads that ended, or moved to another cgroup, while nobody looked.
  std::ranges::fill(skeleton->bss->slot_heads, swoll_slot{});
  skeleton->bss->storage_used = 0;
  __atomic_add_fetch(&skeleton->bss->scope_generation, 1, __ATOMIC_SEQ_CST);
  // What ends a call before what begins it.
  const auto& programs = skeleton->progs;
  for (bpf_program* program :
       {programs.swoll_move, programs.swoll_end, programs.swoll_exit, programs.swoll_enter}) {
    bpf_link* link = bpf_program__attach(program);
    if (!link) {
      int error = errno;
      takeOffHooks();
      return explain("attaching to system calls", error);
    }
    hooks.push_back(link);
  }
  settle();
  return {};
}

void BpfProbe::unsettle() {
  if (unsettled++ == 0)
    __atomic_add_fetch(&skeleton->bss->interest_generation, 2, __ATOMIC_SEQ_CST);
}

void BpfProbe::settle() {
  if (--unsettled == 0)
    __atomic_add_fetch(&skeleton->bss->interest_generation, 2, __ATOMIC_SEQ_CST);
}

std::optional<std::string> BpfProbe::watchNewcomers(bool on) {
  bpf_link__destroy(std::exchange(newcomerLink, nullptr));
  if (!on || !skeleton) return {};  // what is not loaded is told of as a whole
  if (!bpf_program__autoload(skeleton->progs.swoll_newcomer))
    return "this kernel does not tell of new cgroups (cgroup_mkdir)";
  newcomerLink = bpf_program__attach(skeleton->progs.swoll_newcomer);
  if (newcomerLink) return {};
  std::string problem = explain("attaching to new cgroups", errno);
  if (std::exchange(watchProblem, problem) != problem) log(LogLevel::warning, problem);
  return problem;
}

void BpfProbe::newcomerTaken() {
  if (skeleton) __atomic_sub_fetch(&skeleton->bss->newcomer_count, 1, __ATOMIC_SEQ_CST);
}

uint64_t BpfProbe::newcomersLost() {
  return skeleton ? __atomic_load_n(&skeleton->bss->newcomers_lost, __ATOMIC_RELAXED) : 0;
}

uint64_t BpfProbe::cgroupsTooDeep() const {
  if (!skeleton) return tooDeep;
  return tooDeep + __atomic_load_n(&skeleton->bss->cgroups_too_deep, __ATOMIC_RELAXED);
}

void BpfProbe::setRoute(RouteId route, const swoll_filter& filter) {
  if (skeleton) skeleton->bss->filters[route] = filter;
}

void BpfProbe::setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_CALLS> routes) {
  if (skeleton) std::copy(routes.begin(), routes.end(), skeleton->bss->rows[row]);
}

void BpfProbe::setWanted(uint16_t call, bool wanted) {
  if (!skeleton) return;
  wantedCalls.set(call, wanted);
  if (call == unknownCall) return noteInterest();
  for (Arch arch : hostArchs())
    if (int number = syscall(call).number[size_t(arch)]; number >= 0)
      noteInterest(uint32_t(number));
}

void BpfProbe::setCounting(bool on) {
  if (!skeleton) return;
  skeleton->bss->counting = on;
  noteInterest();
}

void BpfProbe::noteInterest() {
  for (uint32_t n = 0; n < SWOLL_MAX_NUMBERS; n++) noteInterest(n);
}

void BpfProbe::noteInterest(uint32_t number) {
  const auto& data = *skeleton->rodata;
  uint8_t interest = skeleton->bss->counting ? SWOLL_NUMBER_counted : 0;
  for (uint16_t call : {data.native_calls[number], data.compat_calls[number]}) {
    if (wantedCalls.test(call)) interest |= SWOLL_NUMBER_wanted;
    if (data.plans[call].flags & SWOLL_CALL_renames) interest |= SWOLL_NUMBER_renames;
  }
  constexpr uint8_t looked = SWOLL_NUMBER_wanted | SWOLL_NUMBER_counted;
  uint8_t& kernels = skeleton->bss->number_interest[number];
  const bool changes = !(kernels & looked) != !(interest & looked);
  if (changes) unsettle();
  kernels = interest;
  if (changes) settle();
}

void BpfProbe::addToBloom(uint64_t id, int change) {
  uint32_t bit = swoll_bloom_bit(id);
  uint64_t mask = 1ull << (bit % 64);
  bloomCounts[bit] = uint16_t(bloomCounts[bit] + change);
  auto& word = skeleton->bss->scope_bloom[bit / 64];
  word = bloomCounts[bit] ? word | mask : word & ~mask;
}

// The map's key is the id, or its lower half: every architecture served here is little-endian.
int BpfProbe::scopeMap(Scope scope) const {
  return bpf_map__fd(scope.kind == ScopeKind::cgroup ? skeleton->maps.cgroups
                                                     : skeleton->maps.pid_namespaces);
}

bool BpfProbe::setScope(Scope scope, const swoll_scope& value) {
  if (!skeleton) return true;  // nothing is captured yet, so nothing is missed
  if (scope.kind == ScopeKind::host) {
    skeleton->bss->host_row = value.row;
  } else {
    swoll_scope kernels = value;
    if (!knowsStarts) kernels.begun = 0;
    if (bpf_map_update_elem(scopeMap(scope), &scope.id, &kernels, BPF_ANY)) return false;
    // A container that nobody wants is there for its name; the filter lets its calls pass by.
    bool wanted = value.row || value.counted || scope.kind == ScopeKind::pidNamespace;
    auto [entry, fresh] = scopes.try_emplace(scope, false);
    if (fresh) countScope(scope, 1);
    if (wanted != entry->second) showScope(entry->first, wanted ? 1 : -1);
    entry->second = wanted;
  }
  scopesChanged();
  return true;
}

void BpfProbe::removeScope(Scope scope) {
  if (!skeleton) return;
  if (scope.kind == ScopeKind::host) {
    skeleton->bss->host_row = 0;
  } else {
    if (auto found = scopes.find(scope); found != scopes.end()) {
      if (found->second) showScope(found->first, -1);
      countScope(found->first, -1);
      scopes.erase(found);
    }
    bpf_map_delete_elem(scopeMap(scope), &scope.id);  // a newcomer's is the kernel's own
  }
  scopesChanged();
}

// In what the programs look at before they look into the maps. (A key keeps its depth.)
void BpfProbe::countScope(Scope scope, int change) {
  if (scope.kind == ScopeKind::pidNamespace) {
    pidNamespaces += uint32_t(change);
  } else if (scope.depth < SWOLL_DEPTHS) {
    countDepth(known, scope, change);
  } else if (change > 0) {
    tooDeep++;
  }
}

void BpfProbe::showScope(Scope scope, int change) {
  addToBloom(scope.id, change);
  if (scope.kind == ScopeKind::cgroup && scope.depth < SWOLL_DEPTHS)
    countDepth(shown, scope, change);
}

// Depths are counted from the root that this process sees, and mean nothing in another one.
void BpfProbe::countDepth(Depths& depths, Scope scope, int change) {
  depths.add(seesRoot ? scope.depth : 0, change);
}

uint64_t Depths::bits() const {
  uint64_t bits = 0;
  for (size_t depth = 1; depth < counts.size(); depth++)
    if (counts[depth]) bits |= 1ull << depth;
  return counts[0] ? ~0ull : bits;
}

// Tasks look their scope up again.
void BpfProbe::scopesChanged() {
  skeleton->bss->pid_namespace_count = pidNamespaces;
  skeleton->bss->known_depths = known.bits();
  skeleton->bss->shown_depths = shown.bits();
  skeleton->bss->root_namespace_named =
      scopes.contains({ScopeKind::pidNamespace, initialPidNamespace});
  __atomic_add_fetch(&skeleton->bss->scope_generation, 1, __ATOMIC_SEQ_CST);
}

swoll_route_counts BpfProbe::counts(RouteId route) {
  swoll_route_counts sum{};
  if (!skeleton) return sum;
  std::vector<swoll_route_counts> perCpu(libbpf_num_possible_cpus());
  uint32_t key = route;
  if (bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.route_counts), &key, perCpu.data()))
    return sum;
  for (const auto& cpu : perCpu) {
    sum.matched += cpu.matched;
    sum.emitted += cpu.emitted;
    sum.filtered += cpu.filtered;
    sum.sampled += cpu.sampled;
    sum.ring_full += cpu.ring_full;
    sum.state_missing += cpu.state_missing;
    sum.abandoned += cpu.abandoned;
  }
  return sum;
}

void BpfProbe::resetCounts(RouteId route) {
  if (!skeleton) return;
  std::vector<swoll_route_counts> zero(libbpf_num_possible_cpus());
  uint32_t key = route;
  bpf_map_update_elem(bpf_map__fd(skeleton->maps.route_counts), &key, zero.data(), BPF_ANY);
}

}  // namespace swoll
