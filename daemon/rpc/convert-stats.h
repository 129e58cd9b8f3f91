// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "counts/call-stats.h"
#include "swoll.capnp.h"

namespace swoll {

// Which rows a client asks for. The error names what is wrong with the filter.
using WantsStat = std::function<bool(const CallStat&)>;
Result<WantsStat> fromWire(schema::StatsFilter::Reader wire);

void toWire(const CallStats& stats, const WantsStat& wants, schema::Stats::Builder wire);

}  // namespace swoll
