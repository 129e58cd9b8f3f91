// SPDX-License-Identifier: Apache-2.0
// Where traces come from and where they are kept: those that clients add, those that are kept over
// restarts (a file each in the state folder), and the standing ones (the folder traces.d). A
// resource of the daemon; everything that adds or removes a trace by name goes through it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hub/trace-registry.h"
#include "trace/files/trace-yaml.h"

namespace swoll {

// A value. An empty folder: none.
struct TraceBookConfig {
  std::string stateFolder, tracesFolder;
  size_t mostTraces = 1000;
};

class TraceBook {
 public:
  struct Request {
    std::vector<TraceSpec> specs = {};
    bool replace = false, persist = false, dryRun = false;
    uint32_t owner = 0;
  };
  struct Applied {
    TraceChange::Kind change;
    TraceSpec spec;
    const Trace* trace;  // null for a dry run
  };

  // All references outlive it.
  TraceBook(TraceRegistry& registry, const Clock& clock, TraceBookConfig config);

  // At the start: standing traces, then kept ones. What can't be read is reported and left alone.
  void load();
  // The standing traces anew: all of the folder's changes, or, when something is wrong, none.
  void reload(TraceBookConfig config);

  Result<std::vector<Applied>> apply(Request request);
  Result<std::unique_ptr<Trace>> remove(const std::string& name);
  Result<const Trace*> addContainer(const std::string& name, const std::string& reference);
  Result<const Trace*> removeContainer(const std::string& name, const std::string& reference);

  // "", "kept", or the standing trace's file.
  std::string origin(const std::string& name) const;
  // For status: whether all that is written could be read and kept, and one line about it.
  bool ok() const { return problems.empty() && folderProblem.empty(); }
  std::string detail() const;

 private:
  struct Standing {
    std::string file;
    TraceSpec spec;  // as the file has it
  };

  std::string keptFile(const std::string& name) const;
  void loadStanding();
  void loadKept();
  void restore(const std::string& file, TraceDocument document);
  std::string refusal(const TraceChange& change, const Request& request) const;
  std::string writeFiles(const std::vector<TraceChange*>& changes, uint32_t owner);
  Result<std::map<std::string, Standing>> readFolder() const;
  std::string replaceStanding(std::map<std::string, Standing> fresh);
  Result<const Trace*> rewritten(Result<const Trace*> changed);
  void report(const std::string& problem);

  TraceRegistry& registry;
  const Clock& clock;
  TraceBookConfig config;
  std::map<std::string, Standing> standing;
  std::set<std::string> kept;
  std::set<std::string> unreadable;   // files of the state folder
  std::vector<std::string> problems;  // since the start
  std::string folderProblem;          // of the last reload
};

}  // namespace swoll
