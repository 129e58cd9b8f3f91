// SPDX-License-Identifier: Apache-2.0
#include "rpc/convert-stats.h"

#include <algorithm>

#include "base/text.h"
#include "rpc/convert-trace.h"
#include "syscall/call-set.h"

namespace swoll {
namespace {

bool fits(const std::string& glob, const std::string& text) {
  return glob.empty() || globMatch(glob, text);
}

void toWire(const CallStat& stat, uint32_t container, schema::Stats::Row::Builder wire) {
  const Syscall& call = syscall(stat.call);
  wire.setContainer(container);
  wire.setCall(call.name);
  wire.setClass(call.klass);
  wire.setGroup(call.group);
  wire.setError(resultName(stat.error));
  wire.setCount(stat.count());
  wire.setTime(stat.sum.time);
  auto end = std::find_if(std::rbegin(stat.sum.buckets), std::rend(stat.sum.buckets),
                          [](uint64_t calls) { return calls != 0; });
  auto buckets = wire.initBuckets(uint(std::distance(end, std::rend(stat.sum.buckets))));
  for (uint i = 0; i < buckets.size(); i++) buckets.set(i, stat.sum.buckets[i]);
}

}  // namespace

Result<WantsStat> fromWire(schema::StatsFilter::Reader wire) {
  TypeSet calls;
  calls.set();
  if (wire.getSyscalls().size() > 0) {
    std::vector<std::string> words;
    for (auto word : wire.getSyscalls()) words.push_back(word.cStr());
    auto parsed = parseCalls(words);
    if (!parsed) return Error{parsed.error()};
    calls = *parsed;
  }
  return WantsStat([calls, nameSpace = std::string(wire.getNamespace().cStr()),
                    pod = std::string(wire.getPod().cStr()),
                    name = std::string(wire.getContainer().cStr())](const CallStat& stat) {
    const Container& c = stat.container->info;
    return calls.test(stat.call) && fits(nameSpace, c.nameSpace) && fits(pod, c.pod) &&
           (fits(name, c.name) || (!name.empty() && c.id.starts_with(name)));
  });
}

void toWire(const CallStats& stats, const WantsStat& wants, schema::Stats::Builder wire) {
  auto rows = stats.read();
  std::erase_if(rows, [&](const CallStat& stat) { return !wants(stat); });
  // They come sorted by container.
  std::vector<const KnownContainer*> containers;
  auto wireRows = wire.initRows(uint(rows.size()));
  for (uint i = 0; i < rows.size(); i++) {
    if (containers.empty() || containers.back() != rows[i].container)
      containers.push_back(rows[i].container);
    toWire(rows[i], uint32_t(containers.size() - 1), wireRows[i]);
  }
  auto names = wire.initContainers(uint(containers.size()));
  for (uint i = 0; i < names.size(); i++) toWire(nameOf(containers[i]->info), names[i]);
  wire.setCallsWithoutCell(calls(stats.source().withoutCell()));
  wire.setCallsUncounted(stats.source().uncounted());
  wire.setCells(uint32_t(stats.source().size()));
  wire.setCellsUsed(uint32_t(stats.source().used()));
}

}  // namespace swoll
