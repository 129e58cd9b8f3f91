// SPDX-License-Identifier: Apache-2.0
#include "observer/resolver.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "observer/proc/cgroup-members.h"
#include "observer/units/units.h"

namespace swoll {
namespace {

using namespace std::chrono_literals;

constexpr auto kCriWithin = 3s;     // how long the CRI may take to know what it starts
constexpr auto kAnswerWithin = 2s;  // how long a cgroup may take to show whose it is

// A container that only its cgroup names.
Container byCgroupAlone(std::string id) {
  Container container;
  container.name = id;
  container.id = std::move(id);
  container.phase = "Running";
  container.source = "cgroup";
  return container;
}

}  // namespace

void Resolver::add(std::vector<NewCgroup>& asked) {
  std::vector<Waiting> fresh(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    fresh[i].cgroup = asked[i];
    fresh[i].name = nameOfCgroup(asked[i].path);
    fresh[i].isFolder = isFolderName(asked[i].path);
    fresh[i].since = fresh[i].next = Clock::now();
  }
  waiting_.insert(waiting_.end(), std::make_move_iterator(fresh.begin()),
                  std::make_move_iterator(fresh.end()));
  asked.clear();
}

void Resolver::hear(CriAnswer answer) {
  const auto question = questions_.find(answer.id);
  if (question == questions_.end()) return;
  for (Waiting& waiting : waiting_)
    if (waiting.name && waiting.name->id == answer.id) waiting.next = Clock::now();
  Question& is = question->second;
  if (answer.kind != CriAnswer::Kind::unknown && !is.answer) is.answer = std::move(answer);
}

void Resolver::settle(Answers& answers) {
  // First, since nothing may fail between a settled one and its answer.
  answers.resolved.reserve(answers.resolved.size() + waiting_.size());
  for (auto& entry : questions_) entry.second.isUsed = false;
  for (Waiting& waiting : waiting_) {
    std::optional<Resolution> resolution;
    if (Clock::now() >= waiting.next) resolution = trySettle(waiting, answers);
    if (resolution) {
      answers.resolved.push_back(std::move(*resolution));
      waiting.cgroup.path.clear();  // settled
    } else if (waiting.name) {
      const auto question = questions_.find(waiting.name->id);
      if (question != questions_.end()) question->second.isUsed = true;
    }
  }
  std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.cgroup.path.empty(); });
  std::erase_if(questions_, [](const auto& entry) { return !entry.second.isUsed; });
}

std::optional<Resolution> Resolver::trySettle(Waiting& waiting, Answers& answers) {
  try {
    return settle(waiting, answers);
  } catch (const std::exception&) {  // of memory, of descriptors: tried again, for a while
    const auto now = Clock::now();
    if (now >= waiting.since + kCriWithin) return Resolution{waiting.cgroup.id, std::nullopt, true};
    waiting.next = now + waiting.pause.next();
    return std::nullopt;
  }
}

std::optional<Resolver::Clock::time_point> Resolver::next() const {
  std::optional<Clock::time_point> first;
  for (const Waiting& waiting : waiting_)
    if (!first || waiting.next < *first) first = waiting.next;
  return first;
}

std::optional<Resolution> Resolver::settle(Waiting& waiting, Answers& answers) {
  const NewCgroup& cgroup = waiting.cgroup;
  if (const Container* owner = world_.owner(cgroup)) return Resolution{cgroup.id, *owner};
  // What this round found is in no list yet.
  for (const Container& c : answers.living)
    if (isWithin(cgroup.path, c.cgroupPath)) return Resolution{cgroup.id, c};

  auto found = waiting.name ? byName(waiting) : byProcesses(waiting);
  if (!found) {
    waiting.next = Clock::now() + waiting.pause.next();
    return std::nullopt;
  }
  if (!*found) *found = unitAt(cgroup);
  if (*found && (*found)->cgroupId != 0 &&
      proc_.cgroupId((*found)->cgroupPath) == (*found)->cgroupId)
    ((*found)->isUnit() ? answers.units : answers.living).push_back(**found);
  return Resolution{cgroup.id, std::move(*found), waiting.isNameless};
}

std::optional<std::optional<Container>> Resolver::byName(Waiting& waiting) {
  const CgroupName& name = *waiting.name;
  if (!name.kubernetes) return placed(byCgroupAlone(name.id), waiting);

  Question& question = questions_[name.id];
  if (question.answer) {
    if (question.answer->kind == CriAnswer::Kind::sandbox) return std::optional<Container>();
    return placed(question.answer->container, waiting);
  }
  const auto now = Clock::now();
  const bool isLate = now >= waiting.since + kCriWithin;
  if (isLate || !world_.isCriThere()) {
    waiting.isNameless = isLate;
    return placed(byCgroupAlone(name.id), waiting);
  }
  if (now >= question.askAgain) {
    world_.askCri(name.id);
    question.askAgain = now + question.pause.next();
  }
  return std::nullopt;
}

std::optional<std::optional<Container>> Resolver::byProcesses(const Waiting& waiting) const {
  const std::string& path = waiting.cgroup.path;
  const std::optional<Container> none;
  if (waiting.isFolder && !isBelowWaiting(waiting)) return none;
  if (proc_.cgroupId(path) != waiting.cgroup.id) return none;  // gone
  if (Clock::now() >= waiting.since + kAnswerWithin) return none;
  if (waiting.isFolder) return std::nullopt;  // what it is in is not settled

  // As in a scan: the cgroup of a pid namespace that has it for its own is a container's. What is
  // made within it comes later, and has more numbers.
  const auto host = proc_.hostPidNamespace();
  const std::vector<CgroupMember> members = membersOf(proc_, path);
  if (members.empty() || !host) return std::nullopt;
  const auto space = proc_.pidNamespace(members.front().pid);
  if (!space || *space == *host) return std::nullopt;
  const size_t depth = proc_.namespacePids(members.front().pid).size();
  std::string spread = members.front().cgroup;
  for (const CgroupMember& member : members) {
    const auto its = proc_.pidNamespace(member.pid);
    const bool same = its == space;
    if (!same && (!its || proc_.namespacePids(member.pid).size() <= depth)) return std::nullopt;
    while (!isWithin(member.cgroup, spread)) spread = spread.substr(0, spread.rfind('/'));
  }
  if (spread != path && spread != path + "/init.scope") return std::nullopt;
  return placed(byCgroupAlone(path.substr(path.rfind('/') + 1)), waiting);
}

Container Resolver::placed(Container container, const Waiting& waiting) const {
  container.cgroupPath = waiting.name ? waiting.name->path : waiting.cgroup.path;
  // It may be gone by now, and still have the number that it was announced with.
  container.cgroupId = container.cgroupPath == waiting.cgroup.path
                           ? waiting.cgroup.id
                           : proc_.cgroupId(container.cgroupPath).value_or(0);
  findProcess(proc_, container);
  return container;
}

bool Resolver::isBelowWaiting(const Waiting& waiting) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& other) {
    return other.cgroup.path.size() > 1 && other.cgroup.path.size() < waiting.cgroup.path.size() &&
           !other.isFolder && isWithin(waiting.cgroup.path, other.cgroup.path);
  });
}

}  // namespace swoll
