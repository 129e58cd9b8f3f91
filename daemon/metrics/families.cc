// SPDX-License-Identifier: Apache-2.0
#include "metrics/families.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

#include "base/escape.h"

namespace swoll {
namespace {

MetricFamily family(prometheus::MetricType type, std::string name, std::string help,
                    const std::vector<Sample>& samples) {
  MetricFamily out;
  out.name = std::move(name);
  out.help = std::move(help);
  out.type = type;
  for (const Sample& sample : samples) addSample(out, sample.labels, sample.value);
  return out;
}

}  // namespace

void addSample(MetricFamily& family, MetricLabels labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
}

MetricFamily counterFamily(std::string name, std::string help, const std::vector<Sample>& samples) {
  return family(prometheus::MetricType::Counter, std::move(name), std::move(help), samples);
}
MetricFamily gaugeFamily(std::string name, std::string help, const std::vector<Sample>& samples) {
  return family(prometheus::MetricType::Gauge, std::move(name), std::move(help), samples);
}

MetricFamily counterFamily(std::string name, std::string help, double value) {
  return counterFamily(std::move(name), std::move(help), {Sample{{}, value}});
}
MetricFamily gaugeFamily(std::string name, std::string help, double value) {
  return gaugeFamily(std::move(name), std::move(help), {Sample{{}, value}});
}

// Family by family: one of a hundred thousand series takes as much memory as the whole text.
std::string metricsText(MetricFamilies families) {
  std::ostringstream out;
  for (MetricFamily& each : families) {
    MetricFamilies one;
    one.push_back(std::exchange(each, {}));
    if (one[0].metric.empty()) continue;
    for (auto& metric : one[0].metric)
      for (auto& label : metric.label)
        if (!isUtf8(label.value)) label.value = escapeNonUtf8(label.value);
    prometheus::TextSerializer().Serialize(out, one);
  }
  return std::move(out).str();
}

}  // namespace swoll
