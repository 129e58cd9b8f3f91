// SPDX-License-Identifier: Apache-2.0
// What the daemon serves by HTTP, and where.
#include "app/daemon.h"
#include "http/charts.h"
#include "http/paced.h"
#include "http/tcp-socket.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

constexpr auto prometheusText = "text/plain; version=0.0.4; charset=utf-8";

void append(MetricFamilies& to, MetricFamilies more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Result<int> Daemon::openHttp() const {
  const ListenAddress& at = config.http;
  return at.kind == ListenAddress::Kind::path ? listenAt(at.path, config.socketGroup)
                                              : listenTcp(at);
}

HttpSite Daemon::site() {
  HttpSite out;
  // Who listens to more than this machine is meant to be asked by names that are not known here.
  out.guard = {.anyName = config.http.kind == ListenAddress::Kind::path ||
                          (!config.http.isLoopback() && config.httpHosts.empty()),
               .names = config.httpHosts};
  out.routes = {
      paced({"/metrics", [this](std::string_view) { return metricsPage(); }}),
      {"/healthz", [this](std::string_view) { return healthPage(); }},
  };
  for (HttpRoute& route : chartsRoutes(worker, hub, clock, started))
    out.routes.push_back(std::move(route));
  return out;
}

// Without the probe nothing is seen. All else that may be missing is missed by some alone (a CRI,
// the journal): `swollctl status` and swoll_part_ok tell of it, and a restart would not help.
HttpReply Daemon::healthPage() {
  std::string reasons;
  for (const Snapshot::Part& part : parts())
    if (part.name == "probe" && !part.ok) reasons += part.name + ": " + part.detail + "\n";
  if (reasons.empty()) return {.body = "ok\n"};
  return {.status = 503, .body = reasons};
}

// What is there to tell is taken here, and written by the worker, which alone knows the series.
kj::Promise<HttpReply> Daemon::metricsPage() {
  hub.intake().drain();
  bool isCounting = hub.rules().isCounting(), histogram = config.histogram;
  CallSeries::Cost cost = seriesCost(histogram, config.maxSeries);
  OwnedStats stats(isCounting ? hub.stats().read() : std::vector<CallStat>());
  auto write = [this, isCounting, histogram, cost, stats = std::move(stats),
                others = daemonFamilies()]() mutable -> HttpReply {
    MetricFamilies all;
    if (isCounting) {
      series.update(stats.rows, cost);
      foldedPairs = series.foldedPairs();
      all = callFamilies(series, histogram);
    }
    append(all, std::move(others));
    return {.type = prometheusText, .body = metricsText(std::move(all))};
  };
  return worker.run(std::move(write));
}

MetricFamilies Daemon::daemonFamilies() {
  MetricFamilies all;
  if (hub.rules().isCounting()) {
    const CallCells& cells = hub.stats().source();
    append(all,
           {
               gaugeFamily("swoll_cells", "Room for (container, call, result) in the kernel.",
                           double(cells.size())),
               gaugeFamily("swoll_cells_used", "How much of that is in use.", double(cells.used())),
               counterFamily("swoll_calls_without_cell_total",
                             "Calls that found no such room: counted here alone.",
                             double(calls(cells.withoutCell()))),
           });
  }

  std::vector<TraceLedger> ledgers = {{"", hub.traces().pastLedger()}};
  for (const auto& [id, trace] : hub.traces().all())
    ledgers.push_back({trace->name(), hub.traces().ledger(*trace)});
  append(all, eventFamilies(ledgers));

  std::vector<Sample> lost, ok, time, runs;
  for (const LossCount& loss : losses())
    lost.push_back({{{"cause", loss.name}}, double(loss.value)});
  for (const Snapshot::Part& part : parts()) ok.push_back({{{"part", part.name}}, double(part.ok)});
  for (const ProgramCost& cost : probe.programCosts()) {
    time.push_back({{{"program", cost.name}}, double(cost.ns) / 1e9});
    runs.push_back({{{"program", cost.name}}, double(cost.runs)});
  }
  append(
      all,
      {
          counterFamily("swoll_losses_total",
                        "What was lost and belongs to no trace, by its name in swollctl status.",
                        lost),
          gaugeFamily("swoll_part_ok", "Whether a part of the daemon works.", ok),
          counterFamily("swoll_probe_run_seconds_total",
                        "Time spent in the kernel programs, while kernel.bpf_stats_enabled is 1.",
                        time),
          counterFamily("swoll_probe_runs_total", "Runs of the kernel programs, likewise.", runs),
          counterFamily("swoll_ring_records_total", "Records that came out of the ring.",
                        double(hub.intake().counters().records)),
          gaugeFamily("swoll_rules",
                      "Pairs of a container, or the host, and a call that traces want.",
                      double(hub.rules().ruleCount())),
          gaugeFamily("swoll_containers", "Containers that run.", double(shownContainers())),
          gaugeFamily("swoll_traces", "Traces that there are.", double(hub.traces().all().size())),
          gaugeFamily("swoll_clients", "Clients of the API.", double(listener.clients())),
          gaugeFamily("swoll_build_info", "The daemon's version.",
                      {{{{"version", SWOLL_VERSION}, {"arch", archName(hostArchs().front())}}, 1}}),
      });
  append(all, processFamilies());
  return all;
}

}  // namespace swoll
