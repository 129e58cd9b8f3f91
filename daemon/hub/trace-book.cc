// SPDX-License-Identifier: Apache-2.0
#include "hub/trace-book.h"

#include <unistd.h>

#include "base/log.h"
#include "trace/files/trace-files.h"

namespace swoll {
namespace {

constexpr size_t mostProblems = 100;
constexpr size_t mostKeptName = 240;  // a file's name has 255 bytes

}  // namespace

TraceBook::TraceBook(TraceRegistry& registry, const Clock& clock, TraceBookConfig config)
    : registry(registry), clock(clock), config(std::move(config)) {
  registry.setMostTraces(this->config.mostTraces);
  registry.setReserved([this](const std::string& name) { return standing.contains(name); });
}

std::string TraceBook::keptFile(const std::string& name) const {
  return config.stateFolder + "/" + name + ".yaml";
}

void TraceBook::report(const std::string& problem) {
  log(LogLevel::error, problem);
  if (problems.size() < mostProblems) problems.push_back(problem);
}

std::string TraceBook::detail() const {
  std::string first = !folderProblem.empty() ? folderProblem : ok() ? "" : problems[0];
  size_t count = problems.size() + !folderProblem.empty();
  if (count > 1) first += " (and " + std::to_string(count - 1) + " more)";
  if (count > 0) return first;
  return std::to_string(standing.size()) + " of " + config.tracesFolder + ", " +
         std::to_string(kept.size()) + " kept in " + config.stateFolder;
}

std::string TraceBook::origin(const std::string& name) const {
  if (auto found = standing.find(name); found != standing.end()) return found->second.file;
  return kept.contains(name) ? "kept" : "";
}

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

// ---- what clients ask for ----

std::string TraceBook::refusal(const TraceChange& change, const Request& request) const {
  const std::string& name = change.compiled.spec.name;
  const std::string& comm = change.compiled.spec.comm;
  constexpr size_t mostComm = 15;  // TASK_COMM_LEN, include/linux/sched.h, less its end
  if (comm.size() > mostComm && comm.find_first_of("*?[\\") == comm.npos)
    return "no thread has the name '" + shortened(comm) +
           "': names have at most 15 bytes; did you mean '" + comm.substr(0, mostComm) + "'?";
  bool touches = change.kind != TraceChange::Kind::unchanged || request.persist;
  if (auto found = standing.find(name); found != standing.end() && touches)
    return "trace '" + name + "' stands in " + found->second.file + ": change it there and reload";
  if (!request.persist) return {};
  if (config.stateFolder.empty()) return "no trace can be kept: [daemon] state-dir is empty";
  if (name.size() > mostKeptName) return "a trace that is kept needs a name of at most 240 bytes";
  if (unreadable.contains(keptFile(name)))
    return keptFile(name) + " could not be read; move it away first";
  return {};
}

// Kept traces go to the disk before they start: all or none, unless it fails between two renames.
std::string TraceBook::writeFiles(const std::vector<TraceChange*>& changes, uint32_t owner) {
  std::vector<std::string> paths;
  std::string problem;
  for (TraceChange* change : changes) {
    const TraceSpec& spec = change->compiled.spec;
    auto old = registry.find(spec.name);
    bool unchanged = change->kind == TraceChange::Kind::unchanged;
    TraceStatus status{old ? (*old)->created : clock.realTime(), 0, old ? (*old)->owner : owner};
    change->created = status.created;
    uint64_t run = unchanged ? clock.sinceBoot() - (*old)->started : 0;
    if (spec.duration) status.expires = clock.realTime() + int64_t(spec.duration) - int64_t(run);
    paths.push_back(keptFile(spec.name));
    problem = writeAside(paths.back(), writeTrace(spec, status));
    if (!problem.empty()) break;
  }
  if (problem.empty())
    problem = putInPlace(paths);
  else
    dropAside(paths);
  return problem.empty() ? "" : "the trace can't be kept: " + problem;
}

Result<std::vector<TraceBook::Applied>> TraceBook::apply(Request request) {
  if (request.specs.size() > config.mostTraces)
    return Error{"too many traces at once: " + std::to_string(request.specs.size()) +
                 ", and at most " + std::to_string(config.mostTraces) + " may run"};
  for (const TraceSpec& spec : request.specs)
    if (request.replace && spec.name.empty())
      return Error{"a trace to apply needs a name (metadata.name)"};
  auto prepared = registry.prepare(std::move(request.specs), request.replace);
  if (!prepared) return Error{prepared.error()};
  std::vector<TraceChange*> toKeep;
  for (TraceChange& change : *prepared) {
    if (auto why = refusal(change, request); !why.empty()) return Error{why};
    bool isKept = kept.contains(change.compiled.spec.name);
    bool touched = change.kind != TraceChange::Kind::unchanged;
    if ((isKept && touched) || (request.persist && (touched || !isKept))) toKeep.push_back(&change);
  }
  std::vector<Applied> out;
  for (const TraceChange& change : *prepared)
    out.push_back({change.kind, change.compiled.spec, nullptr});
  if (request.dryRun) return out;

  if (auto problem = writeFiles(toKeep, request.owner); !problem.empty()) return Error{problem};
  for (const TraceChange* change : toKeep) kept.insert(change->compiled.spec.name);
  auto traces = registry.commit(std::move(*prepared), request.owner);
  for (size_t i = 0; i < out.size(); i++) out[i].trace = traces[i];
  return out;
}

Result<std::unique_ptr<Trace>> TraceBook::remove(const std::string& name) {
  // First: a trace that would be back at the next start is not removed.
  if (registry.find(name) && kept.contains(name)) {
    if (auto problem = removeFile(keptFile(name)); !problem.empty())
      return Error{"trace '" + name + "' is kept and its file can't be removed: " + problem};
    kept.erase(name);
  }
  return registry.remove(name);
}

// A kept trace is kept with the containers that it was given.
Result<const Trace*> TraceBook::rewritten(Result<const Trace*> changed) {
  if (!changed || !kept.contains((*changed)->name())) return changed;
  TraceChange change{(*changed)->compiled, TraceChange::Kind::unchanged};
  if (auto problem = writeFiles({&change}, 0); !problem.empty())
    return Error{"it is done, but not for after a restart: " + problem};
  return changed;
}

Result<const Trace*> TraceBook::addContainer(const std::string& name,
                                             const std::string& reference) {
  return rewritten(registry.addContainer(name, reference));
}

Result<const Trace*> TraceBook::removeContainer(const std::string& name,
                                                const std::string& reference) {
  return rewritten(registry.removeContainer(name, reference));
}

}  // namespace swoll
