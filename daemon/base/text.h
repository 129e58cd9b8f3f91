// SPDX-License-Identifier: Apache-2.0
// Small helpers for text that people write and read. Pure functions; none depends on the locale.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swoll {

// The candidate that `word` was most likely meant to be, for "did you mean". Counts inserted,
// deleted, changed and swapped letters (any case); empty when all are too far away.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

template <typename Strings>
std::string join(const Strings& strings, std::string_view separator) {
  std::string joined;
  for (const auto& string : strings) {
    if (&string != &*std::begin(strings)) joined += separator;
    joined += string;
  }
  return joined;
}

// The parts of "a, b,c" without blanks around them; empty parts are left out.
std::vector<std::string> split(std::string_view list, char separator);

// Names of several words: "clientBehind" of "client" and "behind", and "client-behind" of that.
// Only ASCII letters change.
std::string camelCase(std::string_view first, std::string_view next);
std::string separated(std::string_view camelCase, char separator);

// fnmatch(3) without flags: `*` crosses slashes and leading dots too.
bool globMatch(const std::string& pattern, const std::string& text);

}  // namespace swoll
