// SPDX-License-Identifier: Apache-2.0
// The kernel's counts of calls as metrics. The first two names are the original swoll's, whose
// queries go on working; Prometheus would have them end in _total.
#include <limits>

#include "metrics/families.h"

namespace swoll {
namespace {

// Of the kernel's bounds each second one: 1.024 us, 4.096 us, ... 4.294967296 s. A call is below
// its bound, where Prometheus means "not above": within what a clock of ns can tell.
constexpr size_t firstBound = 1, boundStep = 2;
constexpr bool isBound(size_t bucket) {
  return bucket >= firstBound && (bucket - firstBound) % boundStep == 0 &&
         bucket + 1 < SWOLL_BUCKETS;
}
constexpr size_t boundCount() {
  size_t count = 0;
  for (size_t i = 0; i < SWOLL_BUCKETS; i++) count += isBound(i);
  return count;
}

constexpr const char* folded = "other";
constexpr double second = 1e9;

prometheus::ClientMetric histogramOf(MetricLabels labels, const swoll_cell& sum) {
  prometheus::ClientMetric out;
  out.label = std::move(labels);
  out.histogram.sample_count = calls(sum);
  out.histogram.sample_sum = double(sum.time) / second;
  uint64_t below = 0;
  for (size_t i = 0; i < SWOLL_BUCKETS; i++) {
    below += sum.buckets[i];
    if (isBound(i)) out.histogram.bucket.push_back({below, double(bucketEnd(i)) / second});
  }
  return out;
}

MetricLabels withNames(MetricLabels labels, const CallSeries::Names& names) {
  labels.push_back({"namespace", names.nameSpace});
  labels.push_back({"pod", names.pod});
  labels.push_back({"container", names.container});
  return labels;
}

}  // namespace

CallSeries::Cost seriesCost(bool histogram, size_t most) {
  constexpr size_t besides = 3;  // +Inf, sum and count
  return {.perResult = 2, .perPair = histogram ? boundCount() + besides : 0, .most = most};
}

MetricFamilies callFamilies(const CallSeries& series, bool histogram) {
  MetricFamily counts = counterFamily("swoll_node_metrics_syscall_count",
                                      "Calls of containers that have ended, traced or not.");
  MetricFamily times = counterFamily("swoll_node_metrics_syscall_time",
                                     "Nanoseconds that those calls took, from entry to exit.");
  MetricFamily durations;
  durations.name = "swoll_syscall_duration_seconds";
  durations.help = "Time that calls of containers took, from entry to exit.";
  durations.type = prometheus::MetricType::Histogram;

  auto tell = [&](MetricLabels labels, const swoll_cell& sum) {
    addSample(counts, labels, double(calls(sum)));
    addSample(times, std::move(labels), double(sum.time));
  };
  for (const auto& [key, pair] : series.pairs()) {
    const auto& [names, id] = key;
    const Syscall& call = syscall(id);
    swoll_cell all{};
    for (const auto& [error, sum] : pair.results) {
      tell(withNames({{"syscall", call.sysName},
                      {"class", call.klass},
                      {"group", call.group},
                      {"err", resultName(error)}},
                     names),
           sum);
      add(all, sum);
    }
    if (histogram && !pair.results.empty())
      durations.metric.push_back(histogramOf(withNames({{"syscall", call.sysName}}, names), all));
  }
  // By a call that has no name of the kernel's, so that it is nobody's.
  if (calls(series.folded())) {
    CallSeries::Names names{folded, folded, folded};
    MetricLabels labels = {
        {"syscall", folded}, {"class", folded}, {"group", folded}, {"err", folded}};
    tell(withNames(labels, names), series.folded());
    if (histogram)
      durations.metric.push_back(
          histogramOf(withNames({{"syscall", folded}}, names), series.folded()));
  }
  MetricFamilies out;
  out.push_back(std::move(counts));
  out.push_back(std::move(times));
  out.push_back(std::move(durations));
  out.push_back(
      gaugeFamily("swoll_series", "Time series that calls are told in.", double(series.series())));
  out.push_back(gaugeFamily(
      "swoll_series_folded",
      "Pairs of container and call told as syscall=\"other\", since [metrics] max-series "
      "allows no more.",
      double(series.foldedPairs())));
  return out;
}

}  // namespace swoll
