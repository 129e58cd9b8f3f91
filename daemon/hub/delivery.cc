// SPDX-License-Identifier: Apache-2.0
#include "hub/delivery.h"

#include "event/render-json.h"

namespace swoll {

const Event& RecordDelivery::event() {
  if (!decoded) {
    decoded = decodeRecord(record, base);
    const KnownContainer* charged = topology.find(record.head->container);
    if (charged && charged->info.isUnit())
      decoded->unit = charged->info.name;
    else if (charged)
      decoded->container = &charged->info;
    const NamespaceIds& spaces = decoded->namespaces;
    if (auto* acting = topology.acting(spaces.pid, spaces.mount, record.head->container))
      decoded->acting = &acting->info;
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
