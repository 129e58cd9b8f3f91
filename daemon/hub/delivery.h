// SPDX-License-Identifier: Apache-2.0
// A record with the traces that want it, decoded and rendered at most once and only if asked.
#pragma once

#include <optional>

#include "containers/topology.h"
#include "event/record.h"
#include "hub/sink.h"
#include "trace/kind-table.h"
#include "trace/trace.h"

namespace swoll {

// Borrows all that it is given; lives on the stack for one record.
class RecordDelivery final : public Delivery {
 public:
  RecordDelivery(const Record& record, std::span<Trace* const> traces, const Topology& topology,
                 ClockBase base)
      : record(record), traces(traces), topology(topology), base(base) {}

  const Event& event() override;
  const std::string& json() override;
  std::span<const std::string_view> traceNames() override;

 private:
  const Record& record;
  std::span<Trace* const> traces;
  const Topology& topology;
  ClockBase base;

  std::optional<Event> decoded;
  std::optional<std::string> rendered;
  std::vector<std::string_view> names;
};

}  // namespace swoll
