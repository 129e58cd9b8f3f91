// SPDX-License-Identifier: Apache-2.0
#include "service/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <deque>
#include <iostream>

namespace swoll {
namespace {

// Keys that have a flag. Its help is the key's.
struct FlagRow {
  const char* flag;
  const char* section;
  const char* key;
};
const FlagRow flagRows[] = {
    {"--socket", "daemon", "socket"},    {"--http", "daemon", "http"},
    {"--cri", "observer", "cri"},        {"--alt-root", "observer", "alt-root"},
    {"--journal", "journal", "enabled"}, {"--log-level", "daemon", "log-level"},
};

const ConfigKey& keyOf(const FlagRow& row) {
  for (const ConfigKey& key : configKeys())
    if (strcmp(key.section, row.section) == 0 && strcmp(key.name, row.key) == 0) return key;
  abort();  // a row above names no key: the first test finds it
}

}  // namespace

std::variant<Options, int> parseOptions(int argc, char** argv) {
  Options options;
  std::deque<std::string> values;
  CLI::App app("Traces the system calls of this node's containers.", "swolld");
  app.set_version_flag("--version", "swolld " SWOLL_VERSION);
  auto* file =
      app.add_option("--config", options.file, "the configuration file")->capture_default_str();
  app.add_flag("--check-config", options.checkOnly, "check the configuration and exit");
  std::vector<std::pair<CLI::Option*, const ConfigKey*>> given;
  for (const FlagRow& row : flagRows) {
    const ConfigKey& key = keyOf(row);
    values.emplace_back();
    given.emplace_back(app.add_option(row.flag, values.back(), key.help), &key);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "swolld: " << error.what() << "; see swolld --help\n";
    return 2;
  }
  options.fileGiven = file->count() > 0;
  Config scratch;
  for (size_t i = 0; i < given.size(); i++) {
    const auto& [option, key] = given[i];
    if (!option->count()) continue;
    if (auto wrong = key->set(scratch, values[i]); !wrong.empty()) {
      std::cerr << "swolld: " << option->get_name() << ": " << wrong << "; see swolld --help\n";
      return 2;
    }
    options.flags.emplace_back(key, values[i]);
  }
  return options;
}

Result<Config> Options::config() const {
  Config config;
  if (fileGiven || access(file.c_str(), F_OK) == 0) {
    auto read = readConfig(file, config);
    if (!read) return read;
    config = *read;
    config.file = file;
  }
  for (const auto& [key, value] : flags) key->set(config, value);
  return config;
}

}  // namespace swoll
