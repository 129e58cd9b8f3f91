// SPDX-License-Identifier: Apache-2.0
// What all renderers have to ask of an event's parts. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"

namespace swoll {

inline bool isNone(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// What a Pointed or a Form holds, none where it holds nothing.
template <typename Holder>
const Value& innerOf(const Holder& holder) {
  static const Value none;
  return holder.inner.empty() ? none : holder.inner.front();
}

// Whether an argument is shown as its address: one that could not be read is never shown as an
// empty string that looks real.
inline bool isUnread(const Argument& arg) {
  const auto* bytes = std::get_if<Bytes>(&arg.value);
  return arg.faulted && (isNone(arg.value) || (bytes != nullptr && bytes->value.empty()));
}

// "openat", "exec"; empty for an unknown call.
inline std::string_view plainName(const Event& event) {
  constexpr std::string_view prefix = "sys_";
  std::string_view name = event.name;
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return name;
}

// As paths and text have it: "openat", "process:exec".
inline std::string typeName(const Event& event) {
  return kindInfo(event.kind()).prefix + std::string(plainName(event));
}

}  // namespace swoll
