// SPDX-License-Identifier: Apache-2.0
#include "ctl/complete.h"

#include <set>

#include "ctl/call-row.h"
#include "ctl/usage.h"
#include "process/process-table.h"
#include "syscall/syscall-table.h"

namespace swoll::ctl {
namespace {

// Calls by their names and as @groups and @classes.
std::set<std::string> callWords() {
  std::set<std::string> out{"all"};
  for (const Syscall& row : syscallTable().subspan(1)) {
    out.insert(row.name);
    out.insert('@' + std::string(row.klass));
    out.insert('@' + std::string(row.group));
  }
  return out;
}

// A list with commas is completed in its last part, which may be taken away with a "!".
std::vector<std::string> completeList(const std::string& word, const std::set<std::string>& known) {
  size_t from = word.rfind(',') + 1;  // 0 when there is none
  if (from < word.size() && word[from] == '!') from++;
  std::string before = word.substr(0, from);
  std::vector<std::string> out;
  for (const std::string& one : known)
    if (one.starts_with(word.substr(from))) out.push_back(before + one);
  return out;
}

std::set<std::string> processWords() {
  std::set<std::string> out{"all"};
  for (const ProcessType& row : processTypes()) out.insert(row.name);
  return out;
}

const CLI::Option* optionNamed(const CLI::App& app, const std::string& word) {
  for (const auto* at = &app; at != nullptr; at = at->get_parent())
    for (const auto* option : at->get_options())
      if (option->check_name(word)) return option;
  return nullptr;
}

}  // namespace

std::vector<std::string> completions(const CLI::App& app, std::vector<std::string> words) {
  // bash takes "--option=value" for three words.
  if (!words.empty() && words.back() == "=") words.back().clear();
  std::erase(words, "=");
  std::string word = words.empty() ? "" : words.back();
  const CLI::App* at = &app;
  for (size_t i = 0; i + 1 < words.size(); i++)
    for (const auto* command : at->get_subcommands([](const CLI::App*) { return true; }))
      if (command->get_name() == words[i]) {
        at = command;
        break;
      }
  const CLI::Option* before =
      words.size() < 2 ? nullptr : optionNamed(*at, words[words.size() - 2]);
  std::vector<std::string> known;
  if (before != nullptr && before->check_lname("syscalls")) return completeList(word, callWords());
  if (before != nullptr && before->check_lname("processes"))
    return completeList(word, processWords());
  if (before != nullptr && before->check_lname("output")) {
    known = {"text", "json", "strace", "yaml"};
  } else if (before != nullptr && before->check_lname("by")) {
    for (const Dimension& row : dimensions()) known.push_back(row.name);
  } else if (before != nullptr && before->check_lname("sort")) {
    for (const Order& row : orders())
      known.push_back(at->get_name() == "top" ? row.rateName : row.name);
  } else if (before != nullptr && before->get_items_expected_max() > 0) {
    return {};  // what only the user knows
  } else if (word.starts_with('-')) {
    known = optionNames(*at);
  } else if (at->get_name() == "syscalls") {
    return completeList(word, callWords());
  } else {
    for (const auto* command : at->get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(command->get_name());
  }
  std::erase_if(known, [&](const std::string& name) { return !name.starts_with(word); });
  return known;
}

}  // namespace swoll::ctl
