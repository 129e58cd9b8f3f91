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

struct Unit {
  const char* name;
  uint64_t ns;
};
// Longest first, as formatDuration() looks for the first that fits.
constexpr Unit units[] = {{"d", 86'400'000'000'000},
                          {"h", 3'600'000'000'000},
                          {"m", 60'000'000'000},
                          {"s", 1'000'000'000},
                          {"ms", 1'000'000},
                          {"us", 1'000},
                          {"ns", 1}};
constexpr size_t secondsUnit = 3;

// One character of UTF-8: its length in bytes, 0 when the bytes are malformed.
struct Utf8Char {
  size_t length;
  char32_t code;
};

Utf8Char utf8Char(std::string_view bytes) {
  // By length: the lead byte's fixed bits and the least code that may be written so long.
  static constexpr struct {
    uint8_t mask, lead;
    char32_t least;
  } forms[] = {{0x80, 0, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

  auto first = uint8_t(bytes[0]);
  for (size_t length = 1; length <= 4; ++length) {
    const auto& form = forms[length - 1];
    if ((first & form.mask) != form.lead) continue;
    if (bytes.size() < length) return {0, 0};
    char32_t code = first & uint8_t(~form.mask);
    for (size_t i = 1; i < length; ++i) {
      auto next = uint8_t(bytes[i]);
      if ((next & 0xc0) != 0x80) return {0, 0};
      code = code << 6 | (next & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < form.least || code > 0x10ffff || surrogate) return {0, 0};
    return {length, code};
  }
  return {0, 0};
}

// Controls of C0 and C1, invisible and reordering characters, private use, what is no character.
constexpr struct {
  char32_t first, last;
} unprintable[] = {{0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
                   {0x180e, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
                   {0xe000, 0xf8ff}, {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},
                   {0xfffe, 0xffff}, {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff}};

bool isPrintable(char32_t code) {
  if (code >= 0x20 && code < 0x7f) return true;
  return std::none_of(std::begin(unprintable), std::end(unprintable),
                      [&](auto range) { return code >= range.first && code <= range.last; });
}

void appendEscape(std::string& out, uint8_t byte) {
  static constexpr char letters[] = "abtnvfr";  // 7 to 13
  if (byte >= 7 && byte <= 13) {
    out += {'\\', letters[byte - 7]};
  } else {  // always three digits, so that a digit that follows is not taken for one
    out += {'\\', char('0' + (byte >> 6)), char('0' + (byte >> 3 & 7)), char('0' + (byte & 7))};
  }
}

std::string escape(std::string_view bytes, bool quoted) {
  std::string out;
  out.reserve(bytes.size() + 8);
  while (!bytes.empty()) {
    auto [length, code] = utf8Char(bytes);
    if (quoted && (code == '"' || code == '\\')) out += '\\';
    size_t taken = std::max<size_t>(length, 1);
    if (length > 0 && isPrintable(code)) {
      out += bytes.substr(0, length);
    } else {
      for (char byte : bytes.substr(0, taken)) appendEscape(out, uint8_t(byte));
    }
    bytes.remove_prefix(taken);
  }
  return out;
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

bool globMatch(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::optional<uint64_t> parseDuration(std::string_view text) {
  constexpr double limit = 9.2e18;  // of a signed 64-bit count
  double total = 0;
  if (text.empty()) return {};
  while (!text.empty()) {
    double number = 0;
    if (text[0] < '0' || text[0] > '9') return {};
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return {};
    text.remove_prefix(size_t(end - text.data()));
    std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    auto unit = std::find_if(std::begin(units), std::end(units),
                             [&](const Unit& unit) { return name == unit.name; });
    if (unit == std::end(units)) return {};
    text.remove_prefix(name.size());
    total += number * double(unit->ns);
    if (total >= limit) return {};
  }
  return uint64_t(total + 0.5);
}

std::string formatNumber(const char* format, uint64_t number) {
  char text[32];
  snprintf(text, sizeof text, format, static_cast<unsigned long long>(number));
  return text;
}

std::string formatDuration(uint64_t ns) {
  size_t i = 0;
  while (i + 1 < std::size(units) && ns < units[i].ns) ++i;
  uint64_t whole = ns / units[i].ns, rest = ns % units[i].ns;
  std::string text = std::to_string(whole) + units[i].name;
  if (i < secondsUnit) {
    uint64_t next = rest / units[i + 1].ns;
    if (next > 0) text += std::to_string(next) + units[i + 1].name;
  } else if (uint64_t tenths = rest * 10 / units[i].ns; tenths > 0) {
    text = std::to_string(whole) + '.' + std::to_string(tenths) + units[i].name;
  }
  return text;
}

SplitTime splitTime(int64_t ns) {
  constexpr int64_t second = 1'000'000'000;
  int64_t rest = ns % second;
  return {ns / second - (rest < 0), int32_t(rest < 0 ? rest + second : rest)};
}

std::string formatClock(int64_t ns) {
  auto [whole, fraction] = splitTime(ns);
  time_t seconds = whole;
  tm local{};
  localtime_r(&seconds, &local);
  char text[48];
  snprintf(text, sizeof text, "%02d:%02d:%02d.%06d", local.tm_hour, local.tm_min, local.tm_sec,
           fraction / 1000);
  return text;
}

bool isUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    // Most text is ASCII: take it eight bytes at a time.
    uint64_t word;
    if (bytes.size() >= sizeof word) {
      memcpy(&word, bytes.data(), sizeof word);
      if ((word & 0x8080808080808080) == 0) {
        bytes.remove_prefix(sizeof word);
        continue;
      }
    }
    size_t length = utf8Char(bytes).length;
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view bytes) { return escape(bytes, false); }

std::string escapeBytes(std::string_view bytes) { return escape(bytes, true); }

std::string escapeNonUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 16);
  while (!bytes.empty()) {
    size_t length = utf8Char(bytes).length;
    if (length == 0) {
      char escaped[5];
      snprintf(escaped, sizeof escaped, "\\x%02x", uint8_t(bytes[0]));
      out += escaped;
    } else {
      if (bytes[0] == '\\') out += '\\';
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

}  // namespace swoll
