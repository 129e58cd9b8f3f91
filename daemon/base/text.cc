// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace swoll {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; }

// Optimal string alignment distance: Levenshtein's, with a swap of neighbours as one step.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + !same});
      bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                     lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t longest = 64;  // longer words are no typing errors, and cost time
  if (word.empty() || word.size() > longest) return {};
  size_t best = std::min<size_t>(3, 1 + word.size() / 4) + 1;
  std::string_view found;
  for (auto candidate : candidates) {
    size_t gap = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (gap >= best) continue;
    size_t steps = distance(word, candidate);
    if (steps < best && steps < candidate.size()) {
      best = steps;
      found = candidate;
    }
  }
  return std::string(found);
}

std::vector<std::string> split(std::string_view list, char separator) {
  constexpr const char* blanks = " \t\r\n";
  std::vector<std::string> parts;
  while (!list.empty()) {
    size_t end = std::min(list.find(separator), list.size());
    std::string_view part = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    size_t first = part.find_first_not_of(blanks);
    if (first == part.npos) continue;
    parts.emplace_back(part.substr(first, part.find_last_not_of(blanks) - first + 1));
  }
  return parts;
}

std::string camelCase(std::string_view first, std::string_view next) {
  std::string out(first);
  out += next;
  if (!first.empty() && !next.empty()) out[first.size()] = upper(next[0]);
  return out;
}

std::string separated(std::string_view camelCase, char separator) {
  std::string out;
  for (char c : camelCase) {
    if (lower(c) != c) out += separator;
    out += lower(c);
  }
  return out;
}

bool globMatch(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

}  // namespace swoll
