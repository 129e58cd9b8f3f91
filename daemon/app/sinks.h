// SPDX-License-Identifier: Apache-2.0
// Where events go beside the streams of clients: those of the list in sinks.cc.
#pragma once

#include <memory>
#include <vector>

#include "hub/sink.h"
#include "service/config.h"

namespace swoll {

using Sinks = std::vector<std::unique_ptr<Sink>>;

Sinks makeSinks(const Config& config);
// The configuration was read anew.
void reloadSinks(const Sinks& sinks, const Config& config);

}  // namespace swoll
