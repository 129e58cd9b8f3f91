// SPDX-License-Identifier: Apache-2.0
// The words in which schema/structs.def is written: one function a kind of member. An L is as wide
// as a long.
#pragma once

#include "syscall/condition-vocabulary.h"
#include "syscall/layout.h"

namespace swoll::layoutVocabulary {

using namespace conditionVocabulary;
using K = ArgKind;
constexpr Member s16(const char* n) { return {n, K::sint, 2}; }
constexpr Member s32(const char* n) { return {n, K::sint, 4}; }
constexpr Member s64(const char* n) { return {n, K::sint, 8}; }
constexpr Member sL(const char* n) { return {n, K::sint, 0}; }
constexpr Member u8(const char* n) { return {n, K::uint, 1}; }
constexpr Member u16(const char* n) { return {n, K::uint, 2}; }
constexpr Member u32(const char* n) { return {n, K::uint, 4}; }
constexpr Member u64(const char* n) { return {n, K::uint, 8}; }
constexpr Member uL(const char* n) { return {n, K::uint, 0}; }
constexpr Member x8(const char* n) { return {n, K::hex, 1}; }
constexpr Member x16(const char* n) { return {n, K::hex, 2}; }
constexpr Member x32(const char* n) { return {n, K::hex, 4}; }
constexpr Member x64(const char* n) { return {n, K::hex, 8}; }
constexpr Member xL(const char* n) { return {n, K::hex, 0}; }
constexpr Member pointer(const char* n) { return {n, K::address, 0}; }
constexpr Member pointer64(const char* n) { return {n, K::address, 8}; }
constexpr Member id(const char* n) { return {n, K::id, 4}; }
constexpr Member fd(const char* n) { return {n, K::fd, 4}; }
constexpr Member fd64(const char* n) { return {n, K::fd, 8}; }
constexpr Member signal(const char* n, uint8_t width = 4) { return {n, K::signal, width}; }
constexpr Member octal(const char* n, uint8_t width = 4) { return {n, K::octal, width}; }
constexpr Member mode(const char* n, uint8_t width = 4) { return {n, K::mode, width}; }
constexpr Member device(const char* n, uint8_t width) { return {n, K::device, width}; }
constexpr Member port(const char* n) { return {n, K::port, 2}; }
constexpr Member seconds(const char* n, uint8_t width = 0) { return {n, K::seconds, width}; }
constexpr Member flags(const char* n, const char* set, uint8_t width = 4) {
  return {n, K::flags, width, set};
}
constexpr Member enumeration(const char* n, const char* set, uint8_t width = 4) {
  return {n, K::enumeration, width, set};
}
constexpr Member waitStatus(const char* n) { return {n, K::waitStatus, 4}; }
constexpr Member signalSet(const char* n) { return {n, K::signalSet, 8}; }
constexpr Member inAddress(const char* n) { return {n, K::inAddress, 4}; }
constexpr Member in6Address(const char* n) { return {n, K::in6Address, 16}; }
// Bytes: `size` of them.
constexpr Member characters(const char* n, uint16_t size) {
  return {n, K::characters, 1, "", size};
}
// A structure within.
constexpr Member nested(const char* n, const char* layout) { return {n, K::structure, 0, layout}; }
// `count` of a member.
constexpr Member many(Member one, uint16_t count) {
  one.count = count;
  return one;
}
// Bytes that are there and not shown; with the width of what they stand for, where that aligns.
constexpr Member hidden(uint16_t size, uint8_t width = 1) {
  return {"", K::uint, width, "", uint16_t(size / width), false};
}
constexpr Member hiddenL() { return {"", K::uint, 0, "", 1, false}; }
constexpr Member ordinal(const char* n, const char* set, uint8_t width = 4) {
  return {n, K::ordinal, width, set};
}
constexpr Member epollData(const char* n) { return {n, K::epollData, 8}; }
// Members that are shown only by what another is.
constexpr Member with(int of, uint64_t bits, Member one) { return withAny(of, bits, one); }
// Or when it is not 0.
constexpr Member withOrSet(int of, uint64_t bits, Member one) {
  one = with(of, bits, one);
  one.orSet = true;
  return one;
}

// Members of a union: this one begins where the one before it does.
constexpr Member over(Member one) {
  one.over = true;
  return one;
}
// Of sockets and signals.
constexpr Member ifindex(const char* n) { return {n, K::ifindex, 4}; }
constexpr Member etherType(const char* n) { return {n, K::etherType, 2}; }
constexpr Member paddedHex(const char* n, uint8_t width) { return {n, K::paddedHex, width}; }
constexpr Member hwaddr(const char* n, uint16_t size) { return {n, K::hwaddr, 1, "", size}; }
constexpr Member sockaddr(const char* n, uint16_t size) { return {n, K::sockaddr, 1, "", size}; }
constexpr Member handler(const char* n) { return {n, K::handler, 0}; }

// Pointers that are followed: to a string, or to as many elements as the member of that index says.
constexpr Member toString(Member one) {
  one.points = true;
  return one;
}
constexpr Member toMany(Member one, K kind, const char* layout, uint16_t size, int lengthOf) {
  one.points = true;
  one.pointee = kind;
  one.set = layout;
  one.pointeeSize = size;
  one.lengthOf = int8_t(lengthOf);
  return one;
}
// Of processes and memory.
constexpr Member dirfd(const char* n) { return {n, K::dirfd, 4}; }
constexpr Member limit(const char* n, uint8_t width = 0) { return {n, K::limit, width}; }
constexpr Member errorNumber(const char* n) { return {n, K::errorNumber, 4}; }
constexpr Member keySerial(const char* n) { return {n, K::keySerial, 4}; }
constexpr Member kernelVersion(const char* n) { return {n, K::kernelVersion, 4}; }
// Bits of the number that begins with `shift` 0.
constexpr Member bit(const char* n, uint8_t width, uint8_t shift, uint8_t size = 1) {
  Member one{n, K::uint, width};
  one.bitShift = shift;
  one.bitSize = size;
  return one;
}
constexpr Member bitNames(const char* n, const char* set, uint8_t width, uint8_t shift,
                          uint8_t size) {
  Member one = bit(n, width, shift, size);
  one.kind = K::decimalNamed;
  one.set = set;
  return one;
}
// A member of that kind, not shown where it is 0; `own` is its index.
constexpr Member ifNonzero(int own, Member one) { return withAny(own, ~0ull, one); }

}  // namespace swoll::layoutVocabulary
