// SPDX-License-Identifier: Apache-2.0
// For pages that take long to make. The loop that serves them has calls to read, too, so no more
// than a fifth of its time goes to such a page, however often somebody asks: in between, the last
// one is served again.
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
