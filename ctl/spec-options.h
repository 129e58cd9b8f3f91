// SPDX-License-Identifier: Apache-2.0
// The options that say what to trace, the same for `trace add` and `trace run`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "swoll.capnp.h"
#include "trace/trace-spec.h"

namespace swoll::ctl {

// A value that CLI11 parses into: it must stay where it is until the command line was parsed.
class SpecOptions {
 public:
  void define(CLI::App& command);

  // What was asked for. Throws UsageError where an option is none; whether there are such calls,
  // selectors and so on is the daemon's to say.
  void fill(schema::TraceSpec::Builder wire) const;

  bool dryRun() const { return dryRun_; }
  // ns; 0: without an end.
  uint64_t duration() const;

 private:
  TraceSpec spec_;
  std::string calls_, processes_, errors_, minLatency_, duration_, rate_;
  std::vector<std::string> args_;
  bool noJournal_ = false, dryRun_ = false;
};

}  // namespace swoll::ctl
