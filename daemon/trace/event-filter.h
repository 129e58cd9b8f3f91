// SPDX-License-Identifier: Apache-2.0
// Which events of its calls a trace keeps. Tested in the kernel where the kernel can say it all;
// else the kernel tests what it can and this tests the rest.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "bpf/abi.h"
#include "trace/trace-spec.h"

namespace swoll {

// The kernel's form of a filter. A value; equal ones share a route.
struct KernelTest {
  swoll_filter filter{};
  bool exact = true;  // the kernel's answer needs no second look

  bool operator==(const KernelTest& other) const;
  bool operator<(const KernelTest& other) const;
};

// A value.
class EventFilter {
 public:
  static Result<EventFilter> compile(const TraceSpec& spec);

  bool passes(const swoll_record& record) const;
  uint32_t sampleRate() const { return sample; }
  KernelTest kernelTest() const;

 private:
  using Errors = std::bitset<4096>;  // by errno; 0 is success

  uint32_t pid = 0;
  int64_t uid = -1;
  std::string comm;
  uint64_t minLatency = 0;
  Errors errors;  // none: not asked for
  uint32_t sample = 1;
  // User space has a say: only it can compare arguments, and only it knows that two routes have
  // brought one event, for which the sampler has one turn. (A container that is added later changes
  // no filter; where its route is not the namespace's, each then has a sampler.)
  bool needsSecondLook = false;
};

}  // namespace swoll
