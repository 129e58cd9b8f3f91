// SPDX-License-Identifier: Apache-2.0
// The one way in for records: what makes no sense is counted, what has a name is routed at once,
// and what may have none yet waits. A resource of the hub's; all that it is given is borrowed.
#pragma once

#include "hub/arrivals.h"
#include "hub/hub-counters.h"
#include "hub/router.h"
#include "hub/source.h"
#include "trace/kernel.h"

namespace swoll {

class Intake final : public RecordHandler {
 public:
  Intake(KernelCounters& kernel, Router& router, Arrivals& arrivals, HubCounters& counts)
      : kernel(kernel), router(router), arrivals(arrivals), counts(counts) {}

  void accept(const void* data, size_t size) override;
  // Everything that the kernel has captured so far, now.
  void drain() { kernel.drain(); }
  const HubCounters& counters() const { return counts; }

 private:
  void undecodable(const void* data, size_t size);

  KernelCounters& kernel;
  Router& router;
  Arrivals& arrivals;
  HubCounters& counts;
};

}  // namespace swoll
