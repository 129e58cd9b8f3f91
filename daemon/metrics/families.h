// SPDX-License-Identifier: Apache-2.0
// Metrics as Prometheus has them: a family is a name with its samples, each with its own labels.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "counts/call-series.h"
#include "trace/ledger.h"

namespace swoll {

using MetricFamily = prometheus::MetricFamily;
using MetricFamilies = std::vector<MetricFamily>;
using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

struct Sample {
  MetricLabels labels;
  double value = 0;
};
// To a family of either of those below.
void addSample(MetricFamily& family, MetricLabels labels, double value);
MetricFamily counterFamily(std::string name, std::string help,
                           const std::vector<Sample>& samples = {});
MetricFamily gaugeFamily(std::string name, std::string help,
                         const std::vector<Sample>& samples = {});
// Of one sample without labels.
MetricFamily counterFamily(std::string name, std::string help, double value);
MetricFamily gaugeFamily(std::string name, std::string help, double value);

// What the series of a pair cost, as callFamilies() tells them.
CallSeries::Cost seriesCost(bool histogram, size_t most);
// How often each container made each call, how long that took, and how many series that is.
MetricFamilies callFamilies(const CallSeries& series, bool histogram);

// What became of the events of each trace; of those that are gone together, under no name.
struct TraceLedger {
  std::string trace;
  Ledger ledger;
};
MetricFamilies eventFamilies(const std::vector<TraceLedger>& ledgers);

// The standard ones, of this process.
MetricFamilies processFamilies();

// Families without a sample are left out. Label values are made UTF-8, as the format wants them:
// one bad byte would cost the whole scrape.
std::string metricsText(MetricFamilies families);

}  // namespace swoll
