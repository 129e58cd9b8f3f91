// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ctl/stats-request.h"

namespace swoll::ctl {

// A trace of the calls that have these labels, of those that are known; what they do not say is as
// the filter of the whole view has it. Answers it in words. Throws UsageError where no trace can be
// exactly that.
std::string fillTrace(schema::TraceSpec::Builder spec, const StatsFilter& filter,
                      const Labels& labels, LabelSet known);

}  // namespace swoll::ctl
