// SPDX-License-Identifier: Apache-2.0
// A few values kept in place, so that what has them is plain data: a table of such rows is laid out
// by the compiler and costs nothing to build, at compile time or at start. More than N do not
// compile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>

namespace swoll {

template <typename T, size_t N>
class Few {
 public:
  constexpr Few() = default;
  constexpr Few(std::initializer_list<T> values) {
    if (values.size() > N) throw std::length_error("too many values for a row");
    for (const T& value : values) items_[count_++] = value;
  }

  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + count_; }
  constexpr size_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr bool contains(T value) const { return std::find(begin(), end(), value) != end(); }

 private:
  T items_[N] = {};
  uint8_t count_ = 0;
};

}  // namespace swoll
