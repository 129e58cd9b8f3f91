// SPDX-License-Identifier: Apache-2.0
#include "syscall/call-set.h"

namespace swoll {
namespace {

Result<std::vector<CallId>> callsOf(const std::string& word) {
  if (word == "all") {
    std::vector<CallId> every;
    for (CallId id = 0; id < syscallTable().size(); id++) every.push_back(id);
    return every;
  }
  if (word.starts_with('@')) {
    auto found = callsByGroup(word.substr(1));
    if (!found.empty()) return found;
    std::string near = nearestGroupName(word.substr(1));
    return unknown("group of system calls", word, near.empty() ? near : "@" + near);
  }
  auto found = callsByName(word);
  if (!found.empty()) return found;
  return unknown("system call", word, nearestCallName(word));
}

}  // namespace

Result<TypeSet> parseCalls(const std::vector<std::string>& words) {
  TypeSet set;
  bool first = true;
  for (const std::string& written : words) {
    if (written.empty()) return Error{"empty word in the list of system calls"};
    bool away = written.starts_with('!');
    auto calls = callsOf(away ? written.substr(1) : written);
    if (!calls) return Error{calls.error()};
    if (first && away)
      for (CallId id = 0; id < syscallTable().size(); id++) set.set(id);
    for (CallId id : *calls) set.set(id, !away);
    first = false;
  }
  if (first) return Error{"no system calls given; name some, such as 'openat,@Network' or 'all'"};
  if (set.none()) return Error{"the list of system calls leaves none"};
  return set;
}

}  // namespace swoll
