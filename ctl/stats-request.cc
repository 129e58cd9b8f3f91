// SPDX-License-Identifier: Apache-2.0
#include "ctl/stats-request.h"

#include <kj/debug.h>

#include <algorithm>

#include "base/text.h"
#include "ctl/calls-option.h"
#include "ctl/errors.h"

namespace swoll::ctl {
namespace {

const struct {
  const char* flags;
  std::string StatsFilter::*field;
  const char* placeholder;
  const char* help;
} options[] = {
    {"-n,--namespace", &StatsFilter::nameSpace, "GLOB", "Only Kubernetes namespaces of this name"},
    {"--pod", &StatsFilter::pod, "GLOB", "Only pods of this name"},
    {"--container", &StatsFilter::container, "GLOB",
     "Only containers of this name, or whose id starts so"},
};

Tally tallyOf(schema::Stats::Row::Reader wire) {
  Tally out;
  out.calls = wire.getCount();
  out.time = wire.getTime();
  std::string result = wire.getError().cStr();
  // A call that its thread's end cut short did not fail.
  if (result != "OK" && result != "KILLED") out.errors = out.calls;
  auto buckets = wire.getBuckets();
  for (uint i = 0; i < buckets.size(); i++)
    out.buckets[std::min<size_t>(i, out.buckets.size() - 1)] += buckets[i];
  return out;
}

std::vector<std::string_view> namesOfDimensions() {
  std::vector<std::string_view> names;
  for (const Dimension& row : dimensions()) names.push_back(row.name);
  return names;
}

std::vector<std::string_view> namesOfOrders(bool rates) {
  std::vector<std::string_view> names;
  for (const Order& row : orders()) names.push_back(rates ? row.rateName : row.name);
  return names;
}

[[noreturn]] void unknown(const std::string& option, const std::string& name,
                          const std::vector<std::string_view>& known) {
  auto meant = nearest(name, known);
  throw UsageError(option + ": '" + name + "' is none of " + join(known, ", ") +
                   (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
}

}  // namespace

void StatsFilter::define(CLI::App& command) {
  for (const auto& option : options)
    command.add_option(option.flags, this->*option.field, option.help)
        ->type_name(option.placeholder);
  addCallsOption(command, syscalls);
}

void StatsFilter::fill(schema::StatsFilter::Builder wire) const {
  wire.setNamespace(nameSpace.c_str());
  wire.setPod(pod.c_str());
  wire.setContainer(container.c_str());
  auto words = split(syscalls, ',');
  auto list = wire.initSyscalls(uint(words.size()));
  for (uint i = 0; i < list.size(); i++) list.set(i, words[i].c_str());
}

Counts fromWire(schema::Stats::Reader wire) {
  Counts out;
  out.clock = wire.getClock();
  out.callsWithoutCell = wire.getCallsWithoutCell();
  out.callsUncounted = wire.getCallsUncounted();
  out.cells = wire.getCells();
  out.cellsUsed = wire.getCellsUsed();
  auto names = wire.getContainers();
  for (auto row : wire.getRows()) {
    CallRow& to = out.rows.emplace_back();
    KJ_REQUIRE(row.getContainer() < names.size(), "a row of no container");
    auto name = names[row.getContainer()];
    to.labels = {name.getNamespace().cStr(), name.getPod().cStr(), name.getName().cStr(),
                 name.getId().cStr(),        row.getCall().cStr(), row.getClass().cStr(),
                 row.getGroup().cStr(),      row.getError().cStr()};
    to.total = tallyOf(row);
  }
  return out;
}

std::string missingText(const Counts& counts) {
  std::vector<std::string> parts;
  if (counts.callsWithoutCell)
    parts.push_back(std::to_string(counts.callsWithoutCell) + " calls are in no row: all " +
                    std::to_string(counts.cells) +
                    " are in use, or nearly; raise [metrics] cells in swolld.conf");
  if (counts.callsUncounted)
    parts.push_back(std::to_string(counts.callsUncounted) +
                    " calls were not counted, for want of memory");
  return join(parts, "; ");
}

const Dimension& dimensionOf(const std::string& option, const std::string& name) {
  if (const Dimension* found = dimensionNamed(name)) return *found;
  unknown(option, name, namesOfDimensions());
}

const Order& orderOf(const std::string& option, const std::string& name, bool rates) {
  for (const Order& row : orders())
    if (name == (rates ? row.rateName : row.name)) return row;
  unknown(option, name, namesOfOrders(rates));
}

std::string dimensionNames() { return join(namesOfDimensions(), ", "); }
std::string orderNames(bool rates) { return join(namesOfOrders(rates), ", "); }

}  // namespace swoll::ctl
