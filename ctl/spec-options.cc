// SPDX-License-Identifier: Apache-2.0
#include "ctl/spec-options.h"

#include "base/text.h"
#include "base/time-text.h"
#include "ctl/calls-option.h"
#include "ctl/errors.h"
#include "ctl/number-check.h"
#include "rpc/convert-spec.h"
#include "trace/files/trace-yaml.h"

namespace swoll::ctl {
namespace {

const struct {
  const char* flags;
  std::string TraceSpec::*field;
  const char* placeholder;
  const char* help;
} textOptions[] = {
    {"-l,--selector", &TraceSpec::labelSelector, "SELECTOR",
     "Containers by label: a=b,c!=d,e in (f,g),h notin (i),j,!k"},
    {"--field-selector", &TraceSpec::fieldSelector, "FIELDS",
     "Containers by field: status.phase, metadata.name, metadata.namespace, spec.nodeName, "
     "container.name, container.image"},
    {"-n,--namespace", &TraceSpec::nameSpace, "NAMESPACE", "Only this Kubernetes namespace"},
    {"--pod", &TraceSpec::pod, "GLOB", "Only pods of this name"},
    {"--container", &TraceSpec::container, "GLOB",
     "Only containers of this name, or whose id starts so"},
    {"--cgroup", &TraceSpec::cgroup, "PATH",
     "Processes in this cgroup and below: a path in the cgroup v2 tree"},
    {"--unit", &TraceSpec::unit, "GLOB",
     "Only host processes in systemd units of this name; 'nginx' is nginx.service"},
    {"--comm", &TraceSpec::comm, "GLOB", "Only threads of this name"},
};

ArgPattern argPattern(const std::string& text) {
  size_t sign = text.find('=');
  if (sign == 0 || sign == text.npos)
    throw UsageError("--arg: '" + text + "' is not NAME=GLOB, as in 'pathname=/etc/*'");
  return {text.substr(0, sign), text.substr(sign + 1)};
}

uint64_t duration(const char* option, const std::string& text) {
  if (text.empty()) return 0;
  if (auto ns = parseDuration(text)) return *ns;
  throw UsageError(std::string(option) + ": '" + text +
                   "' is not a duration; write a number with ns, us, ms, s, m, h or d, as in "
                   "'1.5s'");
}

}  // namespace

void SpecOptions::define(CLI::App& command) {
  command.add_option("name", spec_.name, "The trace's name; one is made when it is left out");
  addCallsOption(command, calls_);
  command
      .add_option("--processes", processes_,
                  "What happens to processes: comma list of exec, exit, fork, kill, 'all', and "
                  "!EVENT to take one away; without a list, all")
      ->type_name("EVENTS")
      ->expected(0, 1)
      ->default_str("all")
      ->join(',');
  for (const auto& option : textOptions) {
    command.add_option(option.flags, spec_.*option.field, option.help)
        ->type_name(option.placeholder);
  }
  constexpr uint64_t mostPid = 1 << 22;  // PID_MAX_LIMIT, include/linux/threads.h
  command.add_option("--pidns", spec_.pidNamespace, "Only this pid namespace")
      ->type_name("INODE")
      ->check(wholeNumber(1));
  command.add_option("--pid", spec_.pid, "Only this process")
      ->type_name("PID")
      ->check(wholeNumber(1, mostPid));
  command.add_flag("--host", spec_.host, "Processes that are in no container");
  command.add_option("--uid", spec_.uid, "Only this user id")
      ->type_name("UID")
      ->check(wholeNumber(0));
  command.add_option("--errno", errors_, "Only these results: ENOENT,EPERM or 'any' or 'none'")
      ->type_name("ERRORS")
      ->check(someText())
      ->join(',');
  command.add_option("--min-latency", minLatency_, "Only calls that took so long, as '1ms'")
      ->type_name("TIME");
  command
      .add_option("--arg", args_,
                  "Only calls whose argument of this name is so; given twice, both must be")
      ->type_name("NAME=GLOB")
      ->expected(1)
      ->take_all();
  command.add_option("--sample", spec_.sampleRate, "One of N events")
      ->type_name("N")
      ->check(wholeNumber(1));
  command.add_option("--rate", rate_, "At most so many events a second, as '100/s'")
      ->type_name("N/s");
  command.add_option("--duration", duration_, "End the trace after this time, as '5m'")
      ->type_name("TIME");
  command.add_flag("--no-journal", noJournal_, "Don't log its events to the journal");
  command.add_flag("--dry-run", dryRun_, "Check, say what it would match, and add nothing");
}

uint64_t SpecOptions::duration() const { return ctl::duration("--duration", duration_); }

void SpecOptions::fill(schema::TraceSpec::Builder wire) const {
  TraceSpec spec = spec_;
  spec.syscalls = split(calls_, ',');
  spec.processes = split(processes_, ',');
  if (spec.syscalls.empty() && (!calls_.empty() || processes_.empty()))
    throw UsageError("--syscalls names no call; as in '-s openat,connect', or give --processes");
  if (spec.processes.empty() && !processes_.empty())
    throw UsageError("--processes names no event; as in '--processes=exec,exit'");
  spec.errors = split(errors_, ',');
  for (const std::string& text : args_) spec.args.push_back(argPattern(text));
  if (!rate_.empty()) {
    auto rate = parseRate(rate_);
    if (!rate) throw UsageError("--rate: '" + rate_ + "' is not N/s, as in '100/s'");
    spec.rate = *rate;
  }
  spec.minLatency = ctl::duration("--min-latency", minLatency_);
  spec.duration = duration();
  spec.journal = !noJournal_;
  toWire(spec, wire);
}

}  // namespace swoll::ctl
