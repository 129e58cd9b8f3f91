// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <string>

namespace swoll {

// A failed assertion jumps out of its frame, past every destructor there: what it looks at is
// kept here.
inline const char* keep(std::string text) {
  static std::list<std::string> kept;
  return kept.emplace_back(std::move(text)).c_str();
}

}  // namespace swoll
