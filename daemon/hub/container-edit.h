// SPDX-License-Identifier: Apache-2.0
// One container more or less for a trace, whatever its selectors say.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "containers/topology.h"
#include "trace/trace.h"

namespace swoll {

// "POD/CONTAINER", "NAMESPACE/POD/CONTAINER" or an id (its first 8 characters will do).
Result<const KnownContainer*> findContainer(const Topology& nodes, const std::string& reference);
// Whatever it answers, the trace is whole.
std::optional<Error> editContainers(Trace& trace, const Container& container,
                                    const std::string& node, bool add);
// As users write it.
std::string fullName(const Container& container);

}  // namespace swoll
