// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace swoll {
namespace {

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
