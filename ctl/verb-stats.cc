// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/number-check.h"
#include "ctl/output.h"
#include "ctl/stats-request.h"
#include "ctl/stats-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct StatsOptions {
  StatsFilter filter;
  std::string by = "container,call,error", sort = "count";
  uint64_t limit = 0;
};

LabelSet labelsOf(const std::string& by) {
  LabelSet out;
  for (const std::string& name : split(by, ',')) out |= dimensionOf("--by", name).labels;
  if (out.none()) throw UsageError("--by names nothing; as in '--by container,call'");
  return out;
}

int run(const StatsOptions& options, const Globals& globals) {
  LabelSet shown = labelsOf(options.by);
  const Order& order = orderOf("--sort", options.sort, false);
  Client client(globals.socket);
  auto request = client.api().statsRequest();
  options.filter.fill(request.initFilter());
  auto answer = client.wait(request.send());
  Counts counts = fromWire(answer.getStats());
  auto rows = grouped(counts.rows, shown);
  sortRows(rows, order, &CallRow::total);
  if (options.limit && rows.size() > options.limit) rows.resize(options.limit);
  if (globals.format == Format::json) {
    printLine(statsJson(counts, rows, shown));
    return success;
  }
  print(statsTable(rows, shown));
  if (auto missing = missingText(counts); !missing.empty()) complain(missing);
  return success;
}

}  // namespace

Action defineStats(CLI::App& command) {
  auto options = kj::heap<StatsOptions>();
  options->filter.define(command);
  command.add_option("--by", options->by, "A row each: a comma list of " + dimensionNames())
      ->type_name("WHAT")
      ->capture_default_str();
  command.add_option("--sort", options->sort, orderNames(false) + "; the greatest first")
      ->type_name("COLUMN")
      ->capture_default_str();
  command.add_option("--limit", options->limit, "Only the first N rows")
      ->type_name("N")
      ->check(wholeNumber(1));
  command.footer(
      "Of every call of every container, traced or not, since swolld began to count or the\n"
      "container began. TIME is of all of the calls together. P50 and P99 are bounds: '<4.1us' "
      "says\nthat at least 50% or 99% of the calls took less, and that some call's time is at "
      "least half\nof it. ERRORS are calls that ended with an errno; KILLED are those in which "
      "their thread ended.");
  return [options = kj::mv(options)](const Globals& globals) { return run(*options, globals); };
}

}  // namespace swoll::ctl
