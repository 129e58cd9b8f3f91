// SPDX-License-Identifier: Apache-2.0
#include "counts/call-series.h"

#include <algorithm>
#include <utility>

namespace swoll {
namespace {

swoll_cell difference(const swoll_cell& now, const swoll_cell& before) {
  swoll_cell out{.time = now.time - before.time, .buckets = {}};
  for (size_t i = 0; i < SWOLL_BUCKETS; i++) out.buckets[i] = now.buckets[i] - before.buckets[i];
  return out;
}

// Whether nothing of it is less: otherwise it is another count, from its beginning.
bool isLater(const swoll_cell& now, const swoll_cell& before) {
  bool later = now.time >= before.time;
  for (size_t i = 0; i < SWOLL_BUCKETS; i++) later = later && now.buckets[i] >= before.buckets[i];
  return later;
}

}  // namespace

CallSeries::Names CallSeries::namesOf(const Container& container) {
  return {.nameSpace = container.nameSpace,
          .pod = container.pod,
          .container = container.name.empty() ? container.id : container.name};
}

CallSeries::CallSeries() {
  std::map<std::string_view, CallId> first;
  for (size_t id = 0; id < syscallTable().size(); id++)
    byName.push_back(first.try_emplace(syscallTable()[id].name, CallId(id)).first->second);
}

void CallSeries::update(const std::vector<CallStat>& rows, const Cost& cost) {
  updates++;
  takeIn(rows);
  forgetAbsent();
  fold(cost);
}

void CallSeries::takeIn(const std::vector<CallStat>& rows) {
  std::unordered_map<ContainerHandle, bool> renamed;
  for (const CallStat& row : rows) {
    ContainerHandle handle = row.container->handle;
    Names names = namesOf(row.container->info);
    auto [change, isFirst] = renamed.try_emplace(handle, false);
    if (isFirst) {
      Names& before = namesSeen[handle];
      change->second = before != names;
      before = names;
    }
    Key key{std::move(names), byName.at(row.call)};
    State& state = states[key];
    state.isPresent = true;
    byKey[key];
    // Under its new name, a container has made all its calls.
    Seen& seen = lastSeen[swoll_cell_key(handle, row.call) | uint64_t(row.error)];
    bool goesOn = seen.update && !change->second && isLater(row.sum, seen.sum);
    swoll_cell more = goesOn ? difference(row.sum, seen.sum) : row.sum;
    seen = {row.sum, updates};
    if (!calls(more)) continue;
    add(state.fresh[row.error], more);
    state.lastActive = updates;
  }
  std::erase_if(namesSeen, [&](const auto& entry) { return !renamed.contains(entry.first); });
}

void CallSeries::forgetAbsent() {
  std::erase_if(lastSeen, [&](const auto& entry) { return entry.second.update != updates; });
  for (auto it = states.begin(); it != states.end();) {
    if (std::exchange(it->second.isPresent, false)) {
      ++it;
      continue;
    }
    byKey.erase(it->first);
    it = states.erase(it);
  }
}

void CallSeries::fold(const Cost& cost) {
  struct Candidate {
    const Key* key;
    State* state;
    Pair* pair;
    size_t cost;
  };
  std::vector<Candidate> all;
  all.reserve(states.size());
  for (auto& [key, state] : states) {
    Pair& pair = byKey.at(key);
    size_t results = pair.results.size();
    for (const auto& [error, sum] : state.fresh) results += !pair.results.contains(error);
    all.push_back({&key, &state, &pair, cost.perPair + results * cost.perResult});
  }
  // Those that are told go before others that are as active, so that few change places.
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(b.state->lastActive, a.pair->folded) <
           std::pair(a.state->lastActive, b.pair->folded);
  });
  told = foldedCount = 0;
  bool full = false;
  for (Candidate& candidate : all) {
    Pair& pair = *candidate.pair;
    // One that is folded and did nothing since has nothing to be told, however much room there is.
    bool isIdle = pair.folded && candidate.state->fresh.empty();
    full = full || (!isIdle && told + candidate.cost > cost.most);
    bool fits = !full && !isIdle;
    pair.folded = !fits;
    if (fits) {
      told += candidate.cost;
      for (const auto& [error, sum] : candidate.state->fresh) add(pair.results[error], sum);
    } else {
      foldedCount++;
      for (const auto& [error, sum] : candidate.state->fresh) add(foldedSum, sum);
      for (const auto& [error, sum] : std::exchange(pair.results, {})) add(foldedSum, sum);
    }
    candidate.state->fresh.clear();
  }
}

}  // namespace swoll
