// SPDX-License-Identifier: Apache-2.0
#include "hub/newcomers.h"

#include <cstring>
#include <utility>

namespace swoll {

std::optional<Newcomer> parseNewcomer(const void* data, size_t size) {
  swoll_newcomer head;
  if (size < sizeof(head)) return {};
  memcpy(&head, data, sizeof(head));
  if (head.type != SWOLL_TYPE_NEWCOMER || head.size > size || head.id & SWOLL_NEWCOMER ||
      head.length > size - sizeof(head))
    return {};
  Newcomer out;
  out.cgroup = {head.id, {static_cast<const char*>(data) + sizeof(head), head.length}};
  out.scope = {ScopeKind::cgroup, head.id, head.level};
  out.parent = {ScopeKind::cgroup, head.parent};
  return out;
}

bool Newcomers::add(const Newcomer& newcomer, uint64_t now) {
  if (cgroups.size() >= bounds.cgroups) return false;
  cgroups.try_emplace(newcomer.cgroup.id, Waiting{newcomer, now, {}});
  return true;
}

const Newcomer* Newcomers::find(uint64_t cgroupId) const {
  auto found = cgroups.find(cgroupId);
  return found == cgroups.end() ? nullptr : &found->second.newcomer;
}

bool Newcomers::hold(uint64_t cgroupId, Held record) {
  auto found = cgroups.find(cgroupId);
  if (found == cgroups.end() || records >= bounds.records || bytes + record.size > bounds.bytes)
    return false;
  records++;
  bytes += record.size;
  found->second.records.push_back(std::move(record));
  return true;
}

std::deque<Newcomers::Held> Newcomers::settle(uint64_t cgroupId, Answer answer) {
  if (answers.insert_or_assign(cgroupId, std::move(answer)).second) answered.push_back(cgroupId);
  if (answered.size() > bounds.cgroups) {
    answers.erase(answered.front());
    answered.pop_front();
  }
  auto found = cgroups.find(cgroupId);
  if (found == cgroups.end()) return {};
  std::deque<Held> held = std::move(found->second.records);
  cgroups.erase(found);
  for (const Held& record : held) records--, bytes -= record.size;
  return held;
}

const Newcomers::Answer* Newcomers::answer(uint64_t cgroupId) const {
  auto found = answers.find(cgroupId);
  return found == answers.end() ? nullptr : &found->second;
}

std::vector<uint64_t> Newcomers::since(uint64_t time) const {
  std::vector<uint64_t> out;
  for (const auto& [id, waiting] : cgroups)
    if (waiting.shown <= time) out.push_back(id);
  return out;
}

}  // namespace swoll
