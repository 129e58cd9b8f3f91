// SPDX-License-Identifier: Apache-2.0
// /metrics/charts: a page that shows what every call of every container comes to, and its numbers.
// Nothing in it is fetched from elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/worker.h"
#include "hub/hub.h"

namespace swoll {

// The page, its files, and /metrics/charts/data, which `data` makes anew each time, on the worker's
// thread; what makes it is asked for on this one. The worker is borrowed.
std::vector<HttpRoute> chartsRoutes(HttpWorker& worker,
                                    std::function<kj::Function<std::string()>()> data);
// Of what the hub counts; it and the clock are borrowed. `started`: of the daemon, ns since boot.
std::vector<HttpRoute> chartsRoutes(HttpWorker& worker, Hub& hub, const Clock& clock,
                                    uint64_t started);

}  // namespace swoll
