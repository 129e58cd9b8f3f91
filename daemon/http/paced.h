// SPDX-License-Identifier: Apache-2.0
// For pages that take long to make, and make much, whatever the query. However often somebody asks,
// no more than a fifth of the time goes to such a page: in between, the last one is served again.
// It is made once for all who ask meanwhile.
#pragma once

#include <chrono>
#include <functional>

#include "http/route.h"

namespace swoll {

using HttpTime = std::chrono::steady_clock::time_point;

// One that is made in no time is made each time.
HttpRoute paced(
    HttpRoute route,
    std::function<HttpTime()> now = [] { return std::chrono::steady_clock::now(); });

}  // namespace swoll
