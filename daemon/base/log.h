// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: lines on standard error, with the level in front in the form that journald
// reads (sd-daemon(3)) when systemd gave us its stream. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace swoll {

enum class LogLevel { error = 3, warning = 4, info = 6, debug = 7 };

std::optional<LogLevel> parseLogLevel(std::string_view name);
void setLogLevel(LogLevel level);
bool logs(LogLevel level);
void log(LogLevel level, const std::string& line);

}  // namespace swoll
