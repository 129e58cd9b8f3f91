// SPDX-License-Identifier: Apache-2.0
#include "hub/container-edit.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace swoll {

std::string fullName(const Container& c) {
  if (c.pod.empty() || c.name.empty()) return c.id;
  return (c.nameSpace.empty() ? "" : c.nameSpace + "/") + c.pod + "/" + c.name;
}

Result<const KnownContainer*> findContainer(const Topology& nodes, const std::string& reference) {
  std::vector<const KnownContainer*> found;
  std::vector<std::string> names;
  constexpr size_t leastPrefix = 8;
  for (const auto& [handle, known] : nodes.containers()) {
    if (known.hidden) continue;
    bool prefix = reference.size() >= leastPrefix && known.info.id.starts_with(reference);
    if (refersTo(reference, known.info) || prefix) found.push_back(&known);
    for (const std::string& name :
         {fullName(known.info), known.info.pod + "/" + known.info.name, known.info.id})
      names.push_back(name);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    return Error{"container '" + shortened(reference) + "' could be " + fullName(found[0]->info) +
                 " or " + fullName(found[1]->info)};
  std::vector<std::string_view> views(names.begin(), names.end());
  return unknown("container", reference, nearest(reference, views));
}

std::optional<Error> editContainers(Trace& trace, const Container& info, const std::string& node,
                                    bool add) {
  TraceSpec& spec = trace.compiled.spec;
  auto wanted = [&] { return trace.compiled.wantsContainer(info, node); };
  auto before = std::pair(spec.addContainers, spec.removeContainers);
  auto names = [&](const std::string& text) { return refersTo(text, info); };
  std::erase_if(add ? spec.removeContainers : spec.addContainers, names);
  if (wanted() != add) (add ? spec.addContainers : spec.removeContainers).push_back(fullName(info));
  if (auto checked = CompiledTrace::compile(spec); !checked) {
    std::tie(spec.addContainers, spec.removeContainers) = before;
    return Error{checked.error()};
  }
  if (wanted() != add) {
    std::tie(spec.addContainers, spec.removeContainers) = before;
    return Error{"trace '" + trace.name() +
                 "' is not for this node: its hostSelector leaves it out"};
  }
  return {};
}

}  // namespace swoll
