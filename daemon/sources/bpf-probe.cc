// SPDX-License-Identifier: Apache-2.0
#include "sources/bpf-probe.h"

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
    int fd = bpf_program__fd(program);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size)) continue;
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

void fillReadOnly(probe& skeleton, const ProbeSettings& settings) {
  auto& data = *skeleton.rodata;
  swoll_settings kernel{};
  kernel.max_string = std::clamp(settings.maxString, 2u, uint32_t(SWOLL_MAX_STRING));
  kernel.max_buffer = std::clamp(settings.maxBuffer, 1u, uint32_t(SWOLL_MAX_BUFFER));
  kernel.max_strings = std::clamp(settings.maxArgs, 1u, uint32_t(SWOLL_MAX_STRINGS));
  kernel.targets = settings.targets;
  kernel.wakeup_ns = BpfProbe::wakeupInterval.count();
  memcpy(const_cast<swoll_settings*>(&data.settings), &kernel, sizeof(kernel));
}

// bpf_rdonly_cast is looked for in modules where the kernel itself has none, and those may be
// looked through with CAP_SYS_ADMIN alone: libbpf 1.1 gives up there, though the symbol is weak. It
// tries that once an object, so it has its try before, with a name that there can't be.
void avoidModules(probe& opened) {
  bpf_program__set_attach_target(opened.progs.swoll_end, 0, "swoll-none");
}

}  // namespace

BpfProbe::BpfProbe(const ProbeSettings& settings)
    : settings(settings),
      seesRoot(isInNamespace("/proc/self/ns/cgroup", rootCgroupNamespace)),
      knowsStarts(isInNamespace("/proc/self/ns/time", rootTimeNamespace)),
      sources{Source{&callHooks, "system calls"}, Source{&processHooks, "processes"}},
      bloomCounts(SWOLL_BLOOM_BITS) {
  this->settings.ringBytes = roundUp(settings.ringBytes);
  libbpf_set_print(onLibbpfPrint);
}

BpfProbe::~BpfProbe() noexcept {
  for (Source& source : sources) {
    takeOff(source);
    if (source.object != skeleton) probe__destroy(source.object);
  }
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
  for (Source& source : sources) source.hooks->prepare(*fresh);
  bpf_map__set_max_entries(fresh->maps.ring, settings.ringBytes);
  cellMap.lay(*fresh, settings.cells);
  // One hook less is no reason to trace nothing.
  if (libbpf_find_vmlinux_btf_id("cgroup_mkdir", BPF_TRACE_RAW_TP) < 0)
    bpf_program__set_autoload(fresh->progs.swoll_newcomer, false);
  for (Source& source : sources)
    if (source.hooks->isLate())
      for (bpf_program* program : source.hooks->all(*fresh))
        bpf_program__set_autoload(program, false);
  avoidModules(*fresh);
  lastWarning.clear();
  auto began = std::chrono::steady_clock::now();
  int error = -probe__load(fresh);
  auto took = std::chrono::steady_clock::now() - began;
  if (!error) error = -callHooks.fillVariants(*fresh);
  if (error) {
    auto text = explain("loading the kernel programs", error);
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
  log(LogLevel::info, loadReport(*fresh, took));
  for (Source& source : sources) {
    source.hooks->take(*fresh);
    if (!source.hooks->isLate()) source.object = fresh;
  }
  return {};
}

// Programs that few ask for are loaded when somebody does, which is a second or more of the
// verifier's on some machines: the same object once more, with those alone and all maps of the
// first.
std::string BpfProbe::loadLate(Source& source) {
  std::string what = "loading the programs of " + std::string(source.what);
  probe* late = probe__open();
  if (!late) return explain(what.c_str(), errno);
  bpf_program* program;
  bpf_object__for_each_program(program, late->obj) bpf_program__set_autoload(program, false);
  for (bpf_program* wanted : source.hooks->all(*late)) bpf_program__set_autoload(wanted, true);
  int error = 0;
  bpf_map* map;
  bpf_object__for_each_map(map, late->obj) {
    const bpf_map* first = bpf_object__find_map_by_name(skeleton->obj, bpf_map__name(map));
    if (!error) error = first ? -bpf_map__reuse_fd(map, bpf_map__fd(first)) : ENOENT;
  }
  avoidModules(*late);
  lastWarning.clear();
  auto began = std::chrono::steady_clock::now();
  if (!error) error = -probe__load(late);
  if (error) {
    auto text = explain(what.c_str(), error);
    probe__destroy(late);
    return text;
  }
  log(LogLevel::info, loadReport(*late, std::chrono::steady_clock::now() - began));
  source.object = late;
  return {};
}

std::vector<ProgramCost> BpfProbe::programCosts() const {
  std::vector<ProgramCost> out;
  for (const Source& source : sources) {
    bpf_program* program;
    if (!source.object) continue;
    bpf_object__for_each_program(program, source.object->obj) {
      bpf_prog_info info{};
      uint32_t size = sizeof(info);
      int fd = bpf_program__fd(program);
      if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) && info.run_cnt)
        out.push_back({bpf_program__name(program), info.run_time_ns, info.run_cnt});
    }
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

// The last that was put on first: what has begun gets its end.
void BpfProbe::takeOff(Source& source) {
  if (source.links.empty()) return;
  if (source.isOn) source.hooks->beforeOff();
  for (; !source.links.empty(); source.links.pop_back()) bpf_link__destroy(source.links.back());
  source.isOn = false;
  source.problem.clear();
  source.missing.clear();
  // The programs that were running have come to their end, and their counts are final
  // (membarrier(2): an RCU grace period; kernels with nohz_full CPUs have none to give).
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) usleep(2000);
}

void BpfProbe::putOn(Source& source) {
  auto fail = [&](const std::string& problem) {
    takeOff(source);
    if (problem != source.told) log(LogLevel::error, problem + "; retrying");
    source.told = source.problem = problem;
  };
  if (!source.object) {
    // Nothing is served while the verifier looks, which it need not do again at once.
    auto now = std::chrono::steady_clock::now();
    if (now < source.nextLoad) return void(source.problem = source.told);
    std::string problem = loadLate(source);
    source.nextLoad = std::chrono::steady_clock::now() + source.loadPause.next();
    if (!problem.empty()) return fail(problem);
  }
  source.hooks->beforeOn();
  for (bpf_program* program : source.hooks->programs(*source.object)) {
    bpf_link* link = bpf_program__attach(program);
    if (!link) return fail(explain(("attaching to " + std::string(source.what)).c_str(), errno));
    source.links.push_back(link);
  }
  source.isOn = true;
  source.problem.clear();
  source.told.clear();
  complete(source);
}

void BpfProbe::complete(Source& source) {
  std::string missing = source.hooks->afterOn(*source.object);
  if (!missing.empty() && missing != source.missing) log(LogLevel::warning, missing);
  source.missing = missing;
}

void BpfProbe::attach(bool on) {
  if (!skeleton) return;
  for (Source& source : sources) {
    bool wanted = on && source.hooks->isWanted();
    if (!wanted)
      takeOff(source), source.problem.clear();
    else if (!source.isOn)
      putOn(source);
    else if (!source.missing.empty())
      complete(source);
  }
}

std::string BpfProbe::hookProblem(EventKind kind) const {
  if (!skeleton) return loadProblem.value_or("");
  const Source& source = sources[size_t(kind)];
  return source.hooks->isWanted() ? source.problem : "";
}

void BpfProbe::setWanted(EventType type, bool wanted) {
  if (!skeleton) return;
  Source& source = sources[size_t(kindOf(type))];
  source.hooks->want(type, wanted);
  if (!source.hooks->isWanted()) takeOff(source);
}

void BpfProbe::setCounting(bool on) {
  if (!skeleton) return;
  callHooks.setCounting(on);
  Source& source = sources[size_t(EventKind::syscall)];
  if (!source.hooks->isWanted()) takeOff(source);
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

void BpfProbe::setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) {
  if (skeleton) std::copy(routes.begin(), routes.end(), skeleton->bss->rows[row]);
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
