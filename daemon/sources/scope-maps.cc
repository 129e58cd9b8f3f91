// SPDX-License-Identifier: Apache-2.0
#include "sources/scope-maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "probe.skel.h"
#include "sources/object.h"

namespace swoll {
namespace {

// By include/linux/proc_ns.h.
constexpr ino_t rootCgroupNamespace = 0xEFFFFFFB, rootTimeNamespace = 0xEFFFFFFA;

// A kernel without namespaces of the kind has the root's alone.
bool isInNamespace(const char* file, ino_t root) {
  struct stat space;
  return stat(file, &space) != 0 || space.st_ino == root;
}

}  // namespace

uint64_t Depths::bits() const {
  uint64_t bits = 0;
  for (size_t depth = 1; depth < counts.size(); depth++)
    if (counts[depth]) bits |= 1ull << depth;
  return counts[0] ? ~0ull : bits;
}

ScopeMaps::ScopeMaps()
    : seesRoot(isInNamespace("/proc/self/ns/cgroup", rootCgroupNamespace)),
      knowsStarts(isInNamespace("/proc/self/ns/time", rootTimeNamespace)),
      bloomCounts(SWOLL_BLOOM_BITS) {}

ScopeMaps::~ScopeMaps() noexcept { bpf_link__destroy(newcomerLink); }

// One hook less is no reason to trace nothing.
void ScopeMaps::prepare(probe& opened) {
  if (libbpf_find_vmlinux_btf_id("cgroup_mkdir", BPF_TRACE_RAW_TP) < 0)
    bpf_program__set_autoload(opened.progs.swoll_newcomer, false);
}

bool ScopeMaps::setScope(Scope scope, const swoll_scope& value) {
  if (!skeleton) return true;  // nothing is captured yet, so nothing is missed
  if (scope.kind == ScopeKind::host) {
    skeleton->bss->host_row = value.row;
  } else {
    swoll_scope kernels = value;
    if (!knowsStarts) kernels.begun = 0;
    if (bpf_map_update_elem(mapOf(scope), &scope.id, &kernels, BPF_ANY)) return false;
    // A container that nobody wants is there for its name; the filter lets its calls pass by.
    bool wanted = value.row || value.counted || scope.kind == ScopeKind::pidNamespace;
    auto [entry, fresh] = scopes.try_emplace(scope, false);
    if (fresh) count(scope, 1);
    if (wanted != entry->second) show(entry->first, wanted ? 1 : -1);
    entry->second = wanted;
  }
  changed();
  return true;
}

void ScopeMaps::removeScope(Scope scope) {
  if (!skeleton) return;
  if (scope.kind == ScopeKind::host) {
    skeleton->bss->host_row = 0;
  } else {
    if (auto found = scopes.find(scope); found != scopes.end()) {
      if (found->second) show(found->first, -1);
      count(found->first, -1);
      scopes.erase(found);
    }
    bpf_map_delete_elem(mapOf(scope), &scope.id);  // a newcomer's is the kernel's own
  }
  changed();
}

// The map's key is the id, or its lower half: every architecture served here is little-endian.
int ScopeMaps::mapOf(Scope scope) const {
  return bpf_map__fd(scope.kind == ScopeKind::cgroup ? skeleton->maps.cgroups
                                                     : skeleton->maps.pid_namespaces);
}

// In what the programs look at before they look into the maps. (A key keeps its depth.)
void ScopeMaps::count(Scope scope, int change) {
  if (scope.kind == ScopeKind::pidNamespace) {
    pidNamespaces += uint32_t(change);
  } else if (scope.depth < SWOLL_DEPTHS) {
    countDepth(known, scope, change);
  } else if (change > 0) {
    tooDeep++;
  }
}

void ScopeMaps::show(Scope scope, int change) {
  addToBloom(scope.id, change);
  if (scope.kind == ScopeKind::cgroup && scope.depth < SWOLL_DEPTHS)
    countDepth(shown, scope, change);
}

void ScopeMaps::addToBloom(uint64_t id, int change) {
  uint32_t bit = swoll_bloom_bit(id);
  uint64_t mask = 1ull << (bit % 64);
  bloomCounts[bit] = uint16_t(bloomCounts[bit] + change);
  auto& word = skeleton->bss->scope_bloom[bit / 64];
  word = bloomCounts[bit] ? word | mask : word & ~mask;
}

// Depths are counted from the root that this process sees, and mean nothing in another one.
void ScopeMaps::countDepth(Depths& depths, Scope scope, int change) {
  depths.add(seesRoot ? scope.depth : 0, change);
}

// Tasks look their scope up again.
void ScopeMaps::changed() {
  skeleton->bss->pid_namespace_count = pidNamespaces;
  skeleton->bss->known_depths = known.bits();
  skeleton->bss->shown_depths = shown.bits();
  skeleton->bss->root_namespace_named =
      scopes.contains({ScopeKind::pidNamespace, initialPidNamespace});
  __atomic_add_fetch(&skeleton->bss->scope_generation, 1, __ATOMIC_SEQ_CST);
}

std::optional<std::string> ScopeMaps::watchNewcomers(bool on) {
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

void ScopeMaps::newcomerTaken() {
  if (skeleton) __atomic_sub_fetch(&skeleton->bss->newcomer_count, 1, __ATOMIC_SEQ_CST);
}

uint64_t ScopeMaps::cgroupsTooDeep() const {
  if (!skeleton) return tooDeep;
  return tooDeep + __atomic_load_n(&skeleton->bss->cgroups_too_deep, __ATOMIC_RELAXED);
}

}  // namespace swoll
