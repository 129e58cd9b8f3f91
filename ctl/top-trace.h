// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ctl/stats-request.h"

namespace swoll::ctl {

// A trace of the calls that a row counts, within the rows that were entered before it; what neither
// says is as the filter of the whole view has it. Answers it in words.
std::string fillTrace(schema::TraceSpec::Builder spec, const StatsFilter& filter,
                      const Labels& fixed, const Labels& row);

}  // namespace swoll::ctl
