// SPDX-License-Identifier: Apache-2.0
// The hooks on system calls: what is read of each, and which numbers the programs look at. A
// resource of the probe's.
#pragma once

#include "sources/kind-hooks.h"
#include "syscall/syscall-table.h"

namespace swoll {

class CallHooks final : public KindHooks {
 public:
  void prepare(probe& opened) override;
  void take(probe& loaded) override;
  void want(EventType type, bool wanted) override;
  bool isWanted() const override { return wantedCalls.any() || isCounting; }
  std::vector<bpf_program*> programs(probe& object) const override;
  void beforeOn() override;
  std::string afterOn(probe& object) override;
  void beforeOff() override { unsettle(); }

  // The meanings of calls, once they are loaded. Answers 0 or -errno.
  static int fillVariants(probe& loaded);
  void setCounting(bool on);

 private:
  void noteInterest();
  void noteInterest(uint32_t number);
  // Around what makes the programs look at other calls than before: SWOLL_INTEREST_changing.
  void unsettle();
  void settle();

  probe* skeleton = nullptr;
  TypeSet wantedCalls;
  bool isCounting = false;
  uint32_t unsettled = 1;  // how many such changes are under way; one while the hooks are off
};

}  // namespace swoll
