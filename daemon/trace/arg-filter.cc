// SPDX-License-Identifier: Apache-2.0
#include "trace/arg-filter.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "event/render-text.h"
#include "event/show.h"
#include "syscall/layout.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

void addNames(std::set<std::string_view>& names, std::span<const Arg> args) {
  for (const Arg& arg : args) {
    names.insert(arg.name);
    const Layout* layout = arg.spread ? findLayout(arg.set) : nullptr;
    if (!layout) continue;
    for (const Member& member : layout->members)
      if (member.shown) names.insert(member.name);
  }
}

// As their own rows and all their variants name them.
std::set<std::string_view> argumentNames(const CallSet& calls) {
  std::set<std::string_view> names;
  for (CallId id = 0; id < syscallTable().size(); id++)
    if (calls.test(id)) addNames(names, syscall(id).args);
  for (const VariantKey& key : variantKeys())
    if (calls.test(key.call)) addNames(names, variants()[key.variant].args);
  return names;
}

bool matches(const ArgPattern& pattern, const Argument& arg) {
  if (isUnread(arg) || isNone(arg.value)) return false;
  const auto* bytes = std::get_if<Bytes>(&arg.value);
  return globMatch(pattern.glob, bytes ? bytes->value : valueText(arg.value));
}

}  // namespace

Result<ArgFilter> ArgFilter::compile(const std::vector<ArgPattern>& patterns,
                                     const CallSet& calls) {
  ArgFilter filter;
  filter.patterns = patterns;
  if (patterns.empty()) return filter;
  auto names = argumentNames(calls);
  for (const ArgPattern& pattern : patterns) {
    if (names.contains(pattern.name)) continue;
    std::vector<std::string_view> known(names.begin(), names.end());
    return unknown("argument of these system calls", pattern.name, nearest(pattern.name, known));
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
