// SPDX-License-Identifier: Apache-2.0
#include "sources/syscalls/call-hooks.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "probe.skel.h"
#include "sources/syscalls/capture-plan.h"

namespace swoll {
namespace {

void fillNumbers(const volatile uint16_t* table, Arch arch) {
  auto* numbers = const_cast<uint16_t*>(table);
  for (uint32_t n = 0; n < SWOLL_MAX_NUMBERS; n++) numbers[n] = callByNumber(arch, n);
}

// A call in one of its meanings has a plan of its own, behind those of the calls. Answers the plan
// of each (call, variant), in the order in which they first come.
std::map<std::pair<CallId, size_t>, uint32_t> variantPlans() {
  std::map<std::pair<CallId, size_t>, uint32_t> ids;
  for (const VariantKey& key : variantKeys())
    ids.try_emplace({key.call, key.variant}, SWOLL_MAX_CALLS + ids.size());
  return ids;
}

void fillPlan(probe& opened, uint32_t at, const swoll_call_plan& plan) {
  if (at < SWOLL_MAX_PLANS)
    memcpy(const_cast<swoll_call_plan*>(&opened.rodata->plans[at]), &plan, sizeof(plan));
}

}  // namespace

void CallHooks::prepare(probe& opened) {
  auto& data = *opened.rodata;
  auto archs = hostArchs();
  const_cast<uint8_t&>(data.native_arch) = uint8_t(archs.front());
  const_cast<uint8_t&>(data.compat_arch) = uint8_t(archs.back());
  fillNumbers(data.native_calls, archs.front());
  if (archs.size() > 1) fillNumbers(data.compat_calls, archs.back());

  const_cast<uint32_t&>(data.page_size) = uint32_t(sysconf(_SC_PAGESIZE));

  auto pointees = pointeeTable();
  memcpy(const_cast<swoll_pointee*>(&data.pointees[0]), pointees.data(),
         std::min(pointees.size_bytes(), sizeof(data.pointees)));
  for (CallId id = 0; id < syscallTable().size(); id++) fillPlan(opened, id, capturePlan(id));
  for (const auto& [key, plan] : variantPlans())
    fillPlan(opened, plan, variantPlan(key.first, variants()[key.second]));
}

void CallHooks::take(probe& loaded) {
  skeleton = &loaded;
  skeleton->bss->interest_generation = SWOLL_INTEREST_changing;  // until the hooks are on
  unsettled = 1;
  wantedCalls.reset();
  isCounting = false;
  noteInterest();
}

int CallHooks::fillVariants(probe& loaded) {
  auto plans = variantPlans();
  for (const VariantKey& key : variantKeys()) {
    swoll_variant from{.call = key.call, .value = key.value};
    uint32_t plan = plans.at({key.call, key.variant});
    if (bpf_map_update_elem(bpf_map__fd(loaded.maps.variants), &from, &plan, BPF_ANY))
      return -errno;
  }
  return 0;
}

std::vector<bpf_program*> CallHooks::programs(probe& object) const {
  const auto& all = object.progs;
  return {all.swoll_move, all.swoll_end, all.swoll_exit, all.swoll_enter};
}

void CallHooks::beforeOn() {
  skeleton->bss->epoch++;
  // Of threads that ended, or moved to another cgroup, while nobody looked.
  std::ranges::fill(skeleton->bss->slot_heads, swoll_slot{});
  skeleton->bss->storage_used = 0;
  __atomic_add_fetch(&skeleton->bss->scope_generation, 1, __ATOMIC_SEQ_CST);
}

std::string CallHooks::afterOn(probe&) {
  settle();
  return {};
}

void CallHooks::want(EventType call, bool wanted) {
  wantedCalls.set(call, wanted);
  if (call == unknownCall) return noteInterest();
  for (Arch arch : hostArchs())
    if (int number = syscall(call).number[size_t(arch)]; number >= 0)
      noteInterest(uint32_t(number));
}

void CallHooks::setCounting(bool on) {
  skeleton->bss->counting = isCounting = on;
  noteInterest();
}

void CallHooks::noteInterest() {
  for (uint32_t n = 0; n < SWOLL_MAX_NUMBERS; n++) noteInterest(n);
}

void CallHooks::noteInterest(uint32_t number) {
  const auto& data = *skeleton->rodata;
  uint8_t interest = isCounting ? SWOLL_NUMBER_counted : 0;
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

void CallHooks::unsettle() {
  if (unsettled++ == 0)
    __atomic_add_fetch(&skeleton->bss->interest_generation, 2, __ATOMIC_SEQ_CST);
}

void CallHooks::settle() {
  if (--unsettled == 0)
    __atomic_add_fetch(&skeleton->bss->interest_generation, 2, __ATOMIC_SEQ_CST);
}

}  // namespace swoll
