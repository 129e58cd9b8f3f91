// SPDX-License-Identifier: Apache-2.0
// The hooks on what happens to processes. When they come, the programs of all processes that are
// there are noted, for their ends to tell (bpf/processes/process.h). A resource of the probe's.
#pragma once

#include "sources/kind-hooks.h"

namespace swoll {

class ProcessHooks final : public KindHooks {
 public:
  void prepare(probe&) override {}
  void take(probe& loaded) override;
  void want(EventType type, bool wanted) override { wantedTypes.set(type, wanted); }
  bool isWanted() const override { return wantedTypes.any(); }
  std::vector<bpf_program*> programs(probe& object) const override;
  std::vector<bpf_program*> all(probe& object) const override;
  bool isLate() const override { return true; }
  void beforeOn() override;
  std::string afterOn(probe& object) override;
  void beforeOff() override {}

 private:
  probe* skeleton = nullptr;
  TypeSet wantedTypes;
};

}  // namespace swoll
