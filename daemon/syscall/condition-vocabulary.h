// SPDX-License-Identifier: Apache-2.0
// The words of both tables for what is there by what another one holds: an argument by a register,
// a member by one that stands before it. `of` is its index.
#pragma once

#include <cstdint>

#include "syscall/arg-kind.h"

namespace swoll::conditionVocabulary {

template <typename Row>
constexpr Row only(Condition condition, Row row) {
  row.only = condition;
  return row;
}

// By its lower 32 bits as a number.
template <typename Row>
constexpr Row when(int of, Few<uint64_t, 8> values, Row row) {
  return only({int8_t(of), 0xffffffff, values, false}, row);
}
template <typename Row>
constexpr Row unless(int of, Few<uint64_t, 8> values, Row row) {
  return only({int8_t(of), 0xffffffff, values, true}, row);
}
// By its bits: one of them is set, all are, none is.
template <typename Row>
constexpr Row withAny(int of, uint64_t bits, Row row) {
  return only({int8_t(of), bits, {0}, true}, row);
}
template <typename Row>
constexpr Row withAll(int of, uint64_t bits, Row row) {
  return only({int8_t(of), bits, {bits}, false}, row);
}
template <typename Row>
constexpr Row without(int of, uint64_t bits, Row row) {
  return only({int8_t(of), bits, {0}, false}, row);
}

}  // namespace swoll::conditionVocabulary
