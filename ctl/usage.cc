// SPDX-License-Identifier: Apache-2.0
#include "ctl/usage.h"

#include <string_view>

#include "base/text.h"

namespace swoll::ctl {
namespace {

// The innermost command that was given.
const CLI::App& chosen(const CLI::App& app) {
  auto parsed = app.get_subcommands();
  return parsed.empty() ? app : chosen(*parsed.front());
}

std::string path(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path(*app.get_parent()) + ' ' + app.get_name();
}

std::vector<std::string> commandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string suggest(const std::string& word, const std::vector<std::string>& known) {
  std::vector<std::string_view> candidates(known.begin(), known.end());
  auto meant = nearest(word, candidates);
  return meant.empty() ? "" : "; did you mean '" + meant + "'?";
}

std::string explainWord(const CLI::App& command, const std::string& word) {
  bool option = word.size() > 1 && word[0] == '-';
  if (option) {
    std::string name = word.substr(0, word.find('='));
    return "unknown option '" + name + '\'' + suggest(name, optionNames(command));
  }
  auto commands = commandNames(command);
  if (commands.empty()) return "unexpected argument '" + word + '\'';
  auto meant = suggest(word, commands);
  return "unknown command '" + word + '\'' +
         (meant.empty() ? "; there are " + join(commands, ", ") : meant);
}

}  // namespace

std::vector<std::string> optionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* at = &app; at != nullptr; at = at->get_parent()) {
    for (const auto* option : at->get_options()) {
      if (option->get_group().empty()) continue;
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string explainUsage(const CLI::App& app, const CLI::ParseError& error) {
  const auto& command = chosen(app);
  std::string text;
  auto unknown = app.remaining(true);
  if (!unknown.empty()) {
    text = explainWord(command, unknown.front());
  } else if (auto commands = commandNames(command); !commands.empty()) {
    text = "a command is missing: one of " + join(commands, ", ");
  } else {
    text = error.what();
  }
  return text + " (see '" + path(command) + " --help')";
}

}  // namespace swoll::ctl
