// SPDX-License-Identifier: Apache-2.0
#include "http/families.h"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "core/text.h"

namespace swoll {
namespace {

MetricFamily family(prometheus::MetricType type, std::string name, std::string help) {
  MetricFamily out;
  out.name = std::move(name);
  out.help = std::move(help);
  out.type = type;
  return out;
}

}  // namespace

MetricFamily counterFamily(std::string name, std::string help, const std::vector<Sample>& samples) {
  MetricFamily out = family(prometheus::MetricType::Counter, std::move(name), std::move(help));
  for (const Sample& sample : samples) {
    out.metric.emplace_back().label = sample.labels;
    out.metric.back().counter.value = sample.value;
  }
  return out;
}

MetricFamily gaugeFamily(std::string name, std::string help, const std::vector<Sample>& samples) {
  MetricFamily out = family(prometheus::MetricType::Gauge, std::move(name), std::move(help));
  for (const Sample& sample : samples) {
    out.metric.emplace_back().label = sample.labels;
    out.metric.back().gauge.value = sample.value;
  }
  return out;
}

MetricFamily counterFamily(std::string name, std::string help, double value) {
  return counterFamily(std::move(name), std::move(help), {Sample{{}, value}});
}
MetricFamily gaugeFamily(std::string name, std::string help, double value) {
  return gaugeFamily(std::move(name), std::move(help), {Sample{{}, value}});
}

std::string metricsText(MetricFamilies families) {
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  for (MetricFamily& family : families)
    for (auto& metric : family.metric)
      for (auto& label : metric.label)
        if (!isUtf8(label.value)) label.value = escapeNonUtf8(label.value);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace swoll
