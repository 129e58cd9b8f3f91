// SPDX-License-Identifier: Apache-2.0
// Counted calls as tables for people and as JSON for programs.
#pragma once

#include <string>

#include "ctl/stats-request.h"

namespace swoll::ctl {

// A line a row: the labels in `shown`, then the numbers.
std::string statsTable(const std::vector<CallRow>& rows, LabelSet shown);
// As that, of what happened in an interval of so many ns.
std::string ratesTable(const std::vector<CallRow>& rows, LabelSet shown, uint64_t elapsed);

// The same keys always; a label that rows are not told apart by is null.
std::string statsJson(const Counts& counts, const std::vector<CallRow>& rows, LabelSet shown);
std::string ratesJson(const Counts& counts, const std::vector<CallRow>& rows, LabelSet shown,
                      uint64_t elapsed);

// "1.5/s" and so on: so many in so many ns; "-" while nothing is known.
double perSecond(uint64_t count, uint64_t elapsed);

}  // namespace swoll::ctl
