// SPDX-License-Identifier: Apache-2.0
// /metrics/charts: a page that shows what every call of every container comes to, and its numbers.
// Nothing in it is fetched from elsewhere.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/route.h"

namespace swoll {

// The page, its files, and /metrics/charts/data, which `data` makes anew each time.
std::vector<HttpRoute> chartsRoutes(std::function<std::string()> data);

}  // namespace swoll
