// SPDX-License-Identifier: Apache-2.0
// A result that is a time: the number, and what it says.
#include <ctime>

#include "syscall/format/formats.h"

namespace swoll::formats {

Value date(const FormatInput& in) {
  auto seconds = time_t(in.raw);
  struct tm parts = {};
  char text[64];
  gmtime_r(&seconds, &parts);
  strftime(text, sizeof text, " (%Y-%m-%dT%H:%M:%S+0000)", &parts);
  return Form{{Signed{seconds}}, std::to_string(seconds) + text};
}

}  // namespace swoll::formats
