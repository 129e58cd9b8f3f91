// SPDX-License-Identifier: Apache-2.0
#include "core/delivery.h"

#include "core/render-json.h"

namespace swoll {

const Event& RecordDelivery::event() {
  if (!decoded) {
    decoded = decode(record, base);
    if (auto* known = topology.find(record.head->container)) decoded->container = &known->info;
  }
  return *decoded;
}

const std::string& RecordDelivery::json() {
  if (!rendered) rendered = renderJson(traceNames(), event());
  return *rendered;
}

std::span<const std::string_view> RecordDelivery::traceNames() {
  if (names.empty())
    for (const Trace* trace : traces) names.push_back(trace->name());
  return names;
}

}  // namespace swoll
