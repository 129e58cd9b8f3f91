// SPDX-License-Identifier: Apache-2.0
// Traces as YAML, in the form of swoll's Kubernetes objects: what `trace apply` takes, what
// `trace show -o yaml` prints, and what is kept in files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trace/trace-spec.h"

namespace swoll {

// What a kept trace's file says besides its spec. A value.
struct TraceStatus {
  int64_t created = 0;  // ns since 1970
  int64_t expires = 0;  // ns since 1970; 0: never
  uint32_t owner = 0;   // user id
};

// A value.
struct TraceDocument {
  TraceSpec spec;
  std::optional<TraceStatus> status;
  std::string where;  // "FILE:LINE"
};

// The documents of a file, one at least, each checked as far as it can be without the daemon. An
// error names file, line and column, and of an unknown key the nearest known one.
Result<std::vector<TraceDocument>> parseTraces(const std::string& file, std::string_view text);

// One document, which parses to the same spec.
std::string writeTrace(const TraceSpec& spec, const std::optional<TraceStatus>& status = {});

// The keys of `spec:`, for documentation to be compared with.
std::vector<std::string> traceKeys();

// "100/s" or "100"; nothing when it is neither, or 0, which TraceSpec has for no limit.
std::optional<uint32_t> parseRate(const std::string& text);

}  // namespace swoll
