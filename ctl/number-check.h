// SPDX-License-Identifier: Apache-2.0
// What an option's text must be before it is taken: CLI11 alone would take "-1" and leave "0" to
// mean that the option was not given.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace swoll::ctl {

// A whole number of that range.
inline CLI::Validator wholeNumber(uint64_t least, uint64_t most = UINT32_MAX) {
  return CLI::Validator(
      [=](const std::string& text) -> std::string {
        uint64_t number = 0;
        const char* end = text.data() + text.size();
        auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error == std::errc() && stop == end && number >= least && number <= most) return {};
        return "'" + text + "' is no number from " + std::to_string(least) + " to " +
               std::to_string(most);
      },
      "");
}

inline CLI::Validator someText() {
  return CLI::Validator(
      [](const std::string& text) { return text.empty() ? "it is empty" : std::string(); }, "");
}

}  // namespace swoll::ctl
