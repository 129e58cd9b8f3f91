// SPDX-License-Identifier: Apache-2.0
#include "hub/trace-table.h"

#include <algorithm>

#include "base/text.h"

namespace swoll {

Trace* TraceTable::named(const std::string& name) const {
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : byId.at(found->second).get();
}

Result<Trace*> TraceTable::find(const std::string& name) const {
  if (Trace* trace = named(name)) return trace;
  std::vector<std::string_view> names;
  for (const auto& [known, id] : byName) names.push_back(known);
  return unknown("trace", name, nearest(name, names));
}

Trace* TraceTable::living(TraceId id) const {
  auto found = byId.find(id);
  if (found == byId.end()) {
    auto alias = aliases.find(id);
    if (alias == aliases.end()) return nullptr;
    found = byId.find(alias->second.heir);
  }
  return found == byId.end() ? nullptr : found->second.get();
}

bool TraceTable::concerns(const TraceSet& set, const Trace& trace) const {
  if (std::binary_search(set.begin(), set.end(), trace.id)) return true;
  return std::any_of(aliases.begin(), aliases.end(), [&](const auto& alias) {
    return alias.second.heir == trace.id && std::binary_search(set.begin(), set.end(), alias.first);
  });
}

Trace& TraceTable::add(std::unique_ptr<Trace> trace) {
  Trace& added = *trace;
  byName[added.name()] = added.id;
  byId[added.id] = std::move(trace);
  return added;
}

void TraceTable::inherit(Trace& old, Trace& fresh) {
  fresh.ledger = old.ledger;
  fresh.twice = old.twice;
  fresh.everCount = old.everCount;
  fresh.seen = std::move(old.seen);
  for (auto& [id, alias] : aliases)
    if (alias.heir == old.id) alias.heir = fresh.id;
  aliases.emplace(old.id, Alias{fresh.id, old.compiled});
}

std::unique_ptr<Trace> TraceTable::take(TraceId id) {
  auto found = byId.find(id);
  auto out = std::move(found->second);
  byId.erase(found);
  if (auto name = byName.find(out->name()); name != byName.end() && name->second == id)
    byName.erase(name);
  return out;
}

void TraceTable::noteMatched(TraceId id, const KnownContainer* known) {
  Trace& trace = at(id);
  trace.everCount++;
  if (known && trace.seen.size() < mostSeen) trace.seen.push_back(nameOf(known->info));
}

void TraceTable::forgetAliases(const std::set<TraceId>& used) {
  std::erase_if(aliases, [&](const auto& alias) {
    return !used.contains(alias.first) || !byId.contains(alias.second.heir);
  });
}

}  // namespace swoll
