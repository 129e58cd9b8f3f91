// SPDX-License-Identifier: Apache-2.0
#include "trace/loss-cause.h"

namespace swoll {
namespace {

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

std::string lossKey(std::string_view sink, std::string_view cause) {
  std::string key(sink);
  key += cause;
  char& first = key[sink.size()];
  if (first >= 'a' && first <= 'z') first = char(first - 'a' + 'A');
  return key;
}

std::string separated(std::string_view key, char separator) {
  std::string out;
  for (char c : key) {
    if (isUpper(c)) out += separator, c = char(c - 'A' + 'a');
    out += c;
  }
  return out;
}

}  // namespace swoll
