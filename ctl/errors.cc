// SPDX-License-Identifier: Apache-2.0
#include "ctl/errors.h"

#include <cstdio>
#include <string_view>

#include "core/text.h"

namespace swoll::ctl {

std::string reason(const kj::Exception& exception) {
  constexpr std::string_view prefixes[] = {"remote exception: ", "std::exception: "};
  auto description = exception.getDescription();
  std::string_view text(description.begin(), description.size());
  // What follows the first line are the contexts that the exception went through.
  text = text.substr(0, text.find('\n'));
  for (bool again = true; again;) {
    again = false;
    for (auto prefix : prefixes) {
      if (text.substr(0, prefix.size()) != prefix) continue;
      text.remove_prefix(prefix.size());
      again = true;
    }
  }
  return text.empty() ? "swolld gave no reason" : std::string(text);
}

void complain(const std::string& message) {
  fprintf(stderr, "swollctl: %s\n", printable(message).c_str());
}

}  // namespace swoll::ctl
