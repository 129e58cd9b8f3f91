// SPDX-License-Identifier: Apache-2.0
#include "ctl/trace-text.h"

#include <capnp/dynamic.h>

#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "ctl/output.h"
#include "rpc/convert-spec.h"
#include "trace/files/trace-yaml.h"

namespace swoll::ctl {

std::string joined(capnp::List<capnp::Text>::Reader texts, const char* separator) {
  std::vector<std::string> parts;
  for (auto text : texts) parts.emplace_back(text.cStr());
  return join(parts, separator);
}

std::string wantedText(schema::TraceSpec::Reader spec) {
  std::string calls = joined(spec.getSyscalls());
  if (spec.getProcesses().size() == 0) return calls;
  return calls + (calls.empty() ? "" : ",") + "processes=" + joined(spec.getProcesses());
}

std::string stateName(schema::Trace::State state) {
  KJ_IF_MAYBE (enumerant, capnp::toDynamic(state).getEnumerant()) {
    return enumerant->getProto().getName().cStr();
  }
  return "state-" + std::to_string(unsigned(state));  // of a newer daemon
}

std::string toYaml(schema::Trace::Reader trace) {
  return writeTrace(swoll::fromWire(trace.getSpec()));
}

void printAdded(schema::Trace::Reader trace, bool dryRun, Format format) {
  if (format == Format::json) return printLine(toJson(trace));
  if (!dryRun) return printLine(printable(trace.getSpec().getName().cStr()));
  auto containers = trace.getContainers();
  auto count = std::to_string(containers.size());
  printLine("would match " + count + (containers.size() == 1 ? " container" : " containers") +
            " now");
  for (auto id : containers) printLine(printable(id.cStr()));
}

}  // namespace swoll::ctl
