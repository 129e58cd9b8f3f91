// SPDX-License-Identifier: Apache-2.0
#include "ctl/top-trace.h"

#include <cstring>

#include "base/text.h"
#include "ctl/errors.h"

namespace swoll::ctl {
namespace {

// Of a busy row one sees no more than this pass by; what is left out is counted as rateLimited.
constexpr uint32_t eventsPerSecond = 200;
// Where swollctl is killed, its trace ends by itself.
constexpr uint64_t longest = 3'600'000'000'000;

// A name as a glob that matches it alone.
std::string literal(const std::string& name) {
  std::string out;
  for (char c : name) {
    if (strchr("*?[\\", c)) out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> callWords(const Labels& labels, const StatsFilter& filter) {
  if (!labels[call].empty()) return {labels[call]};
  if (!labels[group].empty()) return {'@' + labels[group]};
  if (!labels[klass].empty()) return {'@' + labels[klass]};
  auto words = split(filter.syscalls, ',');
  return words.empty() ? std::vector<std::string>{"all"} : words;
}

// Whose calls. An id says it all.
void fillContainers(schema::TraceSpec::Builder spec, const StatsFilter& filter,
                    const Labels& labels, LabelSet known) {
  if (known[containerId]) {
    spec.setContainer(literal(labels[containerId]).c_str());
    return;
  }
  bool isOutsidePods =
      (known[pod] && labels[pod].empty()) || (known[nameSpace] && labels[nameSpace].empty());
  bool isGlob = !known[nameSpace] && filter.nameSpace.find_first_of("*?[") != std::string::npos;
  if (isOutsidePods || isGlob)
    throw UsageError("no one trace has exactly these containers; look within the row for one");
  spec.setNamespace((known[nameSpace] ? labels[nameSpace] : filter.nameSpace).c_str());
  spec.setPod((known[pod] ? literal(labels[pod]) : filter.pod).c_str());
  spec.setContainer(filter.container.c_str());
}

}  // namespace

std::string fillTrace(schema::TraceSpec::Builder spec, const StatsFilter& filter,
                      const Labels& labels, LabelSet known) {
  fillContainers(spec, filter, labels, known);
  auto words = callWords(labels, filter);
  auto calls = spec.initSyscalls(uint(words.size()));
  for (uint i = 0; i < calls.size(); i++) calls.set(i, words[i].c_str());
  if (const std::string& result = labels[error]; result == "OK") {
    spec.initErrno(1).set(0, "none");
  } else if (!result.empty() && result != "KILLED") {
    spec.initErrno(1).set(0, result.c_str());
  }
  spec.setJournal(false);
  spec.setRate(eventsPerSecond);
  spec.setDuration(longest);
  auto where = containerText(labels);
  return join(words, ",") + (where.empty() ? "" : " of " + where) +
         (labels[error].empty() ? "" : " with " + labels[error]);
}

}  // namespace swoll::ctl
