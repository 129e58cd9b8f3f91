// SPDX-License-Identifier: Apache-2.0
// Filters on decoded arguments: --arg pathname='/etc/*'. User space alone can test them.
#pragma once

#include <vector>

#include "base/error.h"
#include "event/event.h"
#include "event/kind.h"
#include "trace/trace-spec.h"

namespace swoll {

// A value. A string or path is compared as its bytes, what else as the text form shows it. A call
// that has no such argument, or whose argument could not be read, does not pass.
class ArgFilter {
 public:
  // A name that no argument of these events has is an error.
  static Result<ArgFilter> compile(const std::vector<ArgPattern>& patterns, const TypeSet& types);

  bool empty() const { return patterns.empty(); }
  bool passes(const Event& event) const;

 private:
  std::vector<ArgPattern> patterns;
};

}  // namespace swoll
