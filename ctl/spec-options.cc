// SPDX-License-Identifier: Apache-2.0
#include "ctl/spec-options.h"

#include "core/text.h"
#include "ctl/errors.h"

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
    {"--unit", &TraceSpec::unit, "GLOB",
     "Only host processes in systemd units of this name; 'nginx' is nginx.service"},
    {"--comm", &TraceSpec::comm, "GLOB", "Only threads of this name"},
};

void setTexts(capnp::List<capnp::Text>::Builder wire, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < wire.size(); ++i) wire.set(i, texts[i].c_str());
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
  // Given twice, lists are joined.
  command
      .add_option("-s,--syscalls", calls_,
                  "Comma list of calls, groups and classes (@Files, @Network), 'all', and !CALL to "
                  "take one away")
      ->type_name("CALLS")
      ->join(',')
      ->required();
  for (const auto& option : textOptions) {
    command.add_option(option.flags, spec_.*option.field, option.help)
        ->type_name(option.placeholder);
  }
  command.add_option("--pidns", spec_.pidNamespace, "Only this pid namespace")->type_name("INODE");
  command.add_option("--pid", spec_.pid, "Only this process")->type_name("PID");
  command.add_flag("--host", spec_.host, "Processes that are in no container");
  command.add_option("--uid", spec_.uid, "Only this user id")->type_name("UID");
  command.add_option("--errno", errors_, "Only these results: ENOENT,EPERM or 'any' or 'none'")
      ->type_name("ERRORS")
      ->join(',');
  command.add_option("--min-latency", minLatency_, "Only calls that took so long, as '1ms'")
      ->type_name("TIME");
  command.add_option("--sample", spec_.sample, "One of N events")->type_name("N");
  command.add_option("--duration", duration_, "End the trace after this time, as '5m'")
      ->type_name("TIME");
  command.add_flag("--no-journal", noJournal_, "Don't log its events to the journal");
  command.add_flag("--dry-run", dryRun_, "Check, say what it would match, and add nothing");
}

uint64_t SpecOptions::duration() const { return ctl::duration("--duration", duration_); }

void SpecOptions::fill(schema::TraceSpec::Builder wire) const {
  auto calls = split(calls_, ',');
  if (calls.empty()) throw UsageError("--syscalls names no call; as in '-s openat,connect'");
  setTexts(wire.initCalls(unsigned(calls.size())), calls);
  auto errors = split(errors_, ',');
  setTexts(wire.initErrors(unsigned(errors.size())), errors);
  wire.setName(spec_.name.c_str());
  wire.setLabelSelector(spec_.labelSelector.c_str());
  wire.setFieldSelector(spec_.fieldSelector.c_str());
  wire.setNamespace(spec_.nameSpace.c_str());
  wire.setPod(spec_.pod.c_str());
  wire.setContainer(spec_.container.c_str());
  wire.setPidNamespace(spec_.pidNamespace);
  wire.setUnit(spec_.unit.c_str());
  wire.setHost(spec_.host);
  wire.setPid(spec_.pid);
  wire.setComm(spec_.comm.c_str());
  wire.setUid(spec_.uid);
  wire.setMinLatency(ctl::duration("--min-latency", minLatency_));
  wire.setSample(spec_.sample);
  wire.setDuration(duration());
  wire.setJournal(!noJournal_);
}

}  // namespace swoll::ctl
