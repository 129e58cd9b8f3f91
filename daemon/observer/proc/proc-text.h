// SPDX-License-Identifier: Apache-2.0
// The files that the kernel makes up of lines and words, read and cut.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace swoll::procText {

enum class Shape {
  record,  // a process's own files, which the kernel hands out whole: a short read is the last one
  table,   // grows with the host and comes in pieces of any size
};

std::optional<std::string> readFile(const std::string& path, Shape shape);

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// Cuts the text before `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator);

// The rest of the first line that starts so.
std::optional<std::string_view> lineAfter(std::string_view text, std::string_view start);

}  // namespace swoll::procText
