// SPDX-License-Identifier: Apache-2.0
#include "ctl/errors.h"

#include <cstdio>
#include <string_view>

#include "base/escape.h"

namespace swoll::ctl {
namespace {

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void skipPast(std::string_view& text, std::string_view mark) {
  if (size_t at = text.find(mark); at != text.npos) text.remove_prefix(at + mark.size());
}

// KJ puts the code that failed before the message.
std::string_view withoutCode(std::string_view text) {
  if (take(text, "::")) {  // "::write(fd, ...): Broken pipe; fd = 3"
    skipPast(text, "): ");
    return text.substr(0, text.find(';'));
  }
  if (take(text, "expected ")) skipPast(text, "; ");  // "expected a < b [2 < 1]; too many"
  return text;
}

}  // namespace

std::string reason(const kj::Exception& exception) {
  auto description = exception.getDescription();
  std::string_view text(description.begin(), description.size());
  // What follows the first line are the contexts that the exception went through.
  text = text.substr(0, text.find('\n'));
  // The daemon's own words are written for people; only its wrappings go.
  bool remote = false;
  while (take(text, "remote exception: ") || take(text, "std::exception: ")) remote = true;
  if (!remote) text = withoutCode(text);
  return text.empty() ? "no reason was given" : std::string(text);
}

void complain(const std::string& message) {
  fprintf(stderr, "swollctl: %s\n", printable(message).c_str());
}

}  // namespace swoll::ctl
