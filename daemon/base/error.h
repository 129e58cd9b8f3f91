// SPDX-License-Identifier: Apache-2.0
// Errors that the caller handles: bad input. One line that names what was wrong and, where there
// is one, the nearest valid thing. (Failures of the machine are exceptions and travel untouched.)
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace swoll {

struct Error {
  std::string text;
};

// A value or why there is none. A value type.
template <typename T>
class Result {
 public:
  Result(T value) : state(std::move(value)) {}
  Result(Error error) : state(std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }
  T& operator*() { return std::get<0>(state); }
  const T& operator*() const { return std::get<0>(state); }
  T* operator->() { return &std::get<0>(state); }
  const T* operator->() const { return &std::get<0>(state); }
  const std::string& error() const { return std::get<1>(state).text; }

 private:
  std::variant<T, Error> state;
};

// What was written, for a message: its beginning when it is too long to be read anyway.
inline std::string shortened(const std::string& text) {
  constexpr size_t most = 256;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

// "unknown THING 'word'", with "; did you mean 'near'?" when there is something near.
inline Error unknown(const std::string& thing, const std::string& word, const std::string& near) {
  std::string text = "unknown " + thing + " '" + shortened(word) + "'";
  if (!near.empty()) text += "; did you mean '" + near + "'?";
  return {text};
}

}  // namespace swoll
