// SPDX-License-Identifier: Apache-2.0
// Why a sink did not take an event. Each sink has its causes as rows of its own, and all that tells
// of losses has its names from those: a new sink changes no other file.
#pragma once

#include <cstdint>
#include <string>

#include "base/text.h"

namespace swoll {

// Lives as long as the program, and is known by its address.
struct LossCause {
  const char* sink;   // its name
  const char* cause;  // a word, or several in camelCase
  const char* help;   // for status and metrics
};

// A value.
struct SinkLoss {
  const LossCause* cause;
  uint64_t count = 0;
};

// "clientBehind", as JSON and status have it.
inline std::string lossKey(const LossCause& loss) { return camelCase(loss.sink, loss.cause); }

}  // namespace swoll
