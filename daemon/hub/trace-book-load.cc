// SPDX-License-Identifier: Apache-2.0
// The files that a trace book reads by itself: all at the start, the standing ones at a reload.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "hub/trace-book.h"
#include "trace/files/trace-files.h"

namespace swoll {

// ---- at the start ----

void TraceBook::load() {
  loadStanding();
  loadKept();
}

void TraceBook::loadStanding() {
  auto files = traceFiles(config.tracesFolder);
  if (!files) return report("standing traces not loaded: " + files.error());
  for (const std::string& file : *files) {
    auto documents = readTraces(file);
    if (!documents) {
      report("standing traces not loaded: " + documents.error());
      continue;
    }
    for (TraceDocument& document : *documents) {
      TraceSpec spec = document.spec;
      auto prepared = spec.name.empty()
                          ? Result<std::vector<TraceChange>>(Error{"its name is missing"})
                          : registry.prepare({spec}, false, true);
      if (!prepared) {
        report("standing trace not loaded: " + document.where + ": " + prepared.error());
        continue;
      }
      registry.commit(std::move(*prepared), 0);
      standing[spec.name] = {file, spec};
    }
  }
}

void TraceBook::loadKept() {
  auto files = traceFiles(config.stateFolder);
  if (!files) return report("kept traces not loaded: " + files.error());
  for (const std::string& file : *files) {
    auto documents = readTraces(file);
    std::string problem = documents ? "" : documents.error();
    if (documents && documents->size() != 1) problem = file + ": holds more than one trace";
    if (problem.empty() && keptFile(documents->front().spec.name) != file)
      problem = file + ": holds a trace of another name";
    if (problem.empty()) {
      restore(file, std::move(documents->front()));
    } else {
      unreadable.insert(file);
      report("kept trace not loaded: " + problem);
    }
  }
}

void TraceBook::restore(const std::string& file, TraceDocument document) {
  auto prepared = registry.prepare({document.spec}, false, true);
  if (!prepared) {
    unreadable.insert(file);
    return report("kept trace not loaded: " + document.where + ": " + prepared.error());
  }
  TraceChange& change = prepared->front();
  if (document.status) {
    change.created = document.status->created;
    change.owner = document.status->owner;
    auto duration = document.spec.duration;
    int64_t left = document.status->expires - clock.realTime();
    // A clock that was set back does not make it longer than it is.
    if (document.status->expires && duration)
      change.elapsed = left <= 0 ? duration : duration - std::min(uint64_t(left), duration);
  }
  kept.insert(document.spec.name);
  registry.commit(std::move(*prepared), 0);
}

// ---- standing traces at a reload ----

Result<std::map<std::string, TraceBook::Standing>> TraceBook::readFolder() const {
  std::map<std::string, Standing> fresh;
  auto files = traceFiles(config.tracesFolder);
  if (!files) return Error{files.error()};
  for (const std::string& file : *files) {
    auto documents = readTraces(file);
    if (!documents) return Error{documents.error()};
    for (const TraceDocument& document : *documents) {
      const std::string& name = document.spec.name;
      if (name.empty()) return Error{document.where + ": its name is missing"};
      if (auto there = fresh.find(name); there != fresh.end())
        return Error{document.where + ": trace '" + name + "' is in " + there->second.file +
                     " already"};
      if (!standing.contains(name) && registry.find(name))
        return Error{document.where + ": trace '" + name + "' exists already and is " +
                     (kept.contains(name) ? "a kept one" : "a client's") +
                     "; remove it or give this one another name"};
      fresh[name] = {file, document.spec};
    }
  }
  return fresh;
}

// Answers what is wrong; then nothing has changed.
std::string TraceBook::replaceStanding(std::map<std::string, Standing> fresh) {
  std::vector<TraceSpec> changed;
  for (const auto& [name, trace] : fresh) {
    auto old = standing.find(name);
    bool same = old != standing.end() && registry.find(name) &&
                canonical(old->second.spec) == canonical(trace.spec);
    if (!same) changed.push_back(trace.spec);
  }
  auto prepared = registry.prepare(std::move(changed), true, true);
  if (!prepared) return prepared.error();
  size_t touched = prepared->size(), gone = 0;
  registry.commit(std::move(*prepared), 0);
  for (const auto& [name, trace] : standing)
    if (!fresh.contains(name) && registry.find(name)) gone += bool(registry.remove(name));
  standing = std::move(fresh);
  log(LogLevel::info, "standing traces reloaded: " + std::to_string(standing.size()) +
                          ", of which " + std::to_string(touched) + " are new or changed; " +
                          std::to_string(gone) + " are gone");
  return {};
}

void TraceBook::reload(TraceBookConfig next) {
  next.stateFolder = config.stateFolder;  // at the next start
  std::swap(config, next);
  registry.setMostTraces(config.mostTraces);
  auto fresh = readFolder();
  std::string problem = fresh ? replaceStanding(std::move(*fresh)) : fresh.error();
  folderProblem = problem.empty() ? "" : "standing traces not reloaded: " + problem;
  if (!problem.empty()) {
    log(LogLevel::error, folderProblem);
    return;
  }
  std::erase_if(problems, [](const std::string& text) { return text.starts_with("standing"); });
}

}  // namespace swoll
