// SPDX-License-Identifier: Apache-2.0
#include "base/time-text.h"
#include "ctl/client.h"
#include "ctl/number-check.h"
#include "ctl/output.h"
#include "ctl/stats-text.h"
#include "ctl/top-loop.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct TopOptions {
  StatsFilter filter;
  std::string by = "container", sort = "rate", interval = "1s";
  uint64_t limit = 0;
  bool once = false;
};

uint64_t intervalOf(const std::string& text) {
  constexpr uint64_t least = 100'000'000;
  auto ns = parseDuration(text);
  if (!ns)
    throw UsageError("--interval: '" + text +
                     "' is not a duration; write a number with a unit, as in '500ms' or '2s'");
  if (*ns < least || *ns > 3600 * 1'000'000'000ull)
    throw UsageError("--interval: '" + text + "' is not between 100ms and 1h");
  return *ns;
}

int once(const TopOptions& options, const TopView& view, uint64_t interval,
         const Globals& globals) {
  Client client(globals.socket);
  Rates rates;
  Counts counts;
  for (int sample = 0; sample < 2; sample++) {
    if (sample)
      client.timer().afterDelay(int64_t(interval) * kj::NANOSECONDS).wait(client.waitScope());
    auto request = client.api().statsRequest();
    options.filter.fill(request.initFilter());
    auto answer = client.wait(request.send());
    counts = fromWire(answer.getStats());
    rates.take(counts.clock, counts.rows);
  }
  auto rows = view.rows(rates);
  if (options.limit && rows.size() > options.limit) rows.resize(options.limit);
  LabelSet shown = view.by().labels;
  if (globals.format == Format::json) {
    printLine(ratesJson(counts, rows, shown, rates.elapsed()));
    return success;
  }
  print(ratesTable(rows, shown, rates.elapsed()));
  if (auto missing = missingText(counts); !missing.empty()) complain(missing);
  return success;
}

int run(const TopOptions& options, const Globals& globals) {
  TopView view(dimensionOf("--by", options.by), orderOf("--sort", options.sort, true));
  uint64_t interval = intervalOf(options.interval);
  if (options.once) return once(options, view, interval, globals);
  if (globals.format != Format::text) throw UsageError("-o json needs --once");
  // What is wrong from the beginning is said before the terminal is taken.
  TopClient client(globals.socket, options.filter);
  Counts first = client.first();
  Terminal terminal(globals.color);
  TopLoop(terminal, client, view, options.filter, std::move(first), interval).run();
  return success;
}

}  // namespace

Action defineTop(CLI::App& command) {
  auto options = kj::heap<TopOptions>();
  options->filter.define(command);
  command.add_option("--by", options->by, "A row each: " + dimensionNames())
      ->type_name("WHAT")
      ->capture_default_str();
  command.add_option("--sort", options->sort, orderNames(true) + "; the greatest first")
      ->type_name("COLUMN")
      ->capture_default_str();
  command.add_option("--interval", options->interval, "How often counts are asked for")
      ->type_name("TIME")
      ->capture_default_str();
  command.add_flag("--once", options->once, "Print one table, of one interval, and end");
  command.add_option("--limit", options->limit, "With --once: only the first N rows")
      ->type_name("N")
      ->check(wholeNumber(1));
  command.footer(
      "Keys are listed by '?'. Rates, errors, times and percentiles are of the last\n"
      "interval; P50 and P99 are bounds, as in 'stats'.");
  return [options = kj::mv(options)](const Globals& globals) { return run(*options, globals); };
}

}  // namespace swoll::ctl
