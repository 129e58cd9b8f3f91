// SPDX-License-Identifier: Apache-2.0
#include "trace/arg-filter.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "event/render-text.h"
#include "event/show.h"
#include "trace/kind-table.h"

namespace swoll {
namespace {

bool matches(const ArgPattern& pattern, const Argument& arg) {
  if (isUnread(arg) || isNone(arg.value)) return false;
  const auto* bytes = std::get_if<Bytes>(&arg.value);
  return globMatch(pattern.glob, bytes ? bytes->value : valueText(arg.value));
}

}  // namespace

Result<ArgFilter> ArgFilter::compile(const std::vector<ArgPattern>& patterns,
                                     const TypeSet& types) {
  ArgFilter filter;
  filter.patterns = patterns;
  if (patterns.empty()) return filter;
  std::set<std::string_view> names;
  for (size_t kind = 0; kind < kindCount; kind++)
    kindRow(EventKind(kind)).addArgumentNames(names, types);
  for (const ArgPattern& pattern : patterns) {
    if (names.contains(pattern.name)) continue;
    std::vector<std::string_view> known(names.begin(), names.end());
    return unknown("argument of these events", pattern.name, nearest(pattern.name, known));
  }
  return filter;
}

bool ArgFilter::passes(const Event& event) const {
  return std::all_of(patterns.begin(), patterns.end(), [&](const ArgPattern& pattern) {
    return std::any_of(event.args.begin(), event.args.end(), [&](const Argument& arg) {
      return arg.name == pattern.name && matches(pattern, arg);
    });
  });
}

}  // namespace swoll
