// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/listen-address.h"

namespace swoll {

// A listening socket at an address of kind ip. Answers the descriptor.
Result<int> listenTcp(const ListenAddress& address);

}  // namespace swoll
