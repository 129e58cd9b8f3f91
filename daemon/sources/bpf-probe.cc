// SPDX-License-Identifier: Apache-2.0
#include "sources/bpf-probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "probe.skel.h"

namespace swoll {
namespace {

void fillReadOnly(probe& opened, const ProbeSettings& settings) {
  auto& data = *opened.rodata;
  swoll_settings kernel{};
  kernel.max_string = std::clamp(settings.maxString, 2u, uint32_t(SWOLL_MAX_STRING));
  kernel.max_buffer = std::clamp(settings.maxBuffer, 1u, uint32_t(SWOLL_MAX_BUFFER));
  kernel.max_strings = std::clamp(settings.maxArgs, 1u, uint32_t(SWOLL_MAX_STRINGS));
  kernel.targets = settings.targets;
  kernel.wakeup_ns = RecordRing::wakeupInterval.count();
  memcpy(const_cast<swoll_settings*>(&data.settings), &kernel, sizeof(kernel));
}

}  // namespace

BpfProbe::BpfProbe(const ProbeSettings& settings)
    : settings(settings),
      records(settings.ringBytes),
      kinds{{{callHooks, "system calls"}, {processHooks, "processes"}}} {
  listenToLibbpf();
}

std::optional<std::string> BpfProbe::load() {
  if (!skeleton) loadProblem = tryLoad();
  return loadProblem;
}

std::optional<std::string> BpfProbe::tryLoad() {
  const std::string loading = "loading the kernel programs";
  ProbeObject fresh(probe__open());
  if (!fresh) return explain("opening the kernel programs", errno);
  fillReadOnly(*fresh, settings);
  for (KindPrograms& kind : kinds) kind.prepare(*fresh);
  records.prepare(*fresh);
  cellMap.lay(*fresh, settings.cells);
  ScopeMaps::prepare(*fresh);
  if (auto problem = loadObject(*fresh, loading)) return problem;
  if (int error = -callHooks.fillVariants(*fresh)) return explain(loading, error);
  if (!records.map(*fresh)) return explain("mapping the ring buffer", errno);
  if (auto problem = cellMap.map(*fresh)) {
    records.unmap();
    return problem;
  }
  skeleton = std::move(fresh);
  scopeMaps.take(*skeleton);
  for (KindPrograms& kind : kinds) kind.take(*skeleton);
  return {};
}

std::vector<ProgramCost> BpfProbe::programCosts() const {
  std::vector<ProgramCost> out;
  for (const KindPrograms& kind : kinds) kind.addCosts(out);
  return out;
}

void BpfProbe::attach(bool on) {
  if (!skeleton) return;
  for (KindPrograms& kind : kinds) kind.attach(on);
}

std::string BpfProbe::hookProblem(EventKind kind) const {
  return skeleton ? kinds[size_t(kind)].problem() : loadProblem.value_or("");
}

void BpfProbe::setWanted(EventType type, bool wanted) {
  if (!skeleton) return;
  kinds[size_t(kindOf(type))].change([&](KindHooks& hooks) { hooks.want(type, wanted); });
}

void BpfProbe::setCounting(bool on) {
  if (!skeleton) return;
  kinds[size_t(EventKind::syscall)].change([&](KindHooks&) { callHooks.setCounting(on); });
}

void BpfProbe::setRoute(RouteId route, const swoll_filter& filter) {
  if (skeleton) skeleton->bss->filters[route] = filter;
}

void BpfProbe::setRow(RowId row, std::span<const uint32_t, SWOLL_MAX_TYPES> routes) {
  if (skeleton) std::copy(routes.begin(), routes.end(), skeleton->bss->rows[row]);
}

uint64_t BpfProbe::newcomersLost() {
  return skeleton ? __atomic_load_n(&skeleton->bss->newcomers_lost, __ATOMIC_RELAXED) : 0;
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
