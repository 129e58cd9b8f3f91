// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/escape.h"

namespace swoll {
namespace {

struct LevelRow {
  LogLevel level;
  const char* name;
};
const LevelRow levelRows[] = {{LogLevel::error, "error"},
                              {LogLevel::warning, "warning"},
                              {LogLevel::info, "info"},
                              {LogLevel::debug, "debug"}};

// The one global of the daemon: a log has no owner.
std::atomic<LogLevel> threshold = LogLevel::info;

}  // namespace

std::optional<LogLevel> parseLogLevel(std::string_view name) {
  for (const LevelRow& row : levelRows)
    if (name == row.name) return row.level;
  return {};
}

void setLogLevel(LogLevel level) { threshold = level; }

bool logs(LogLevel level) { return level <= threshold; }

void log(LogLevel level, const std::string& line) {
  if (!logs(level)) return;
  static const bool toJournal = getenv("JOURNAL_STREAM") != nullptr;
  std::string text = toJournal ? "<" + std::to_string(int(level)) + ">" : "swolld: ";
  // One line a message, whatever an error text holds.
  text += printable(line) + "\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace swoll
