// SPDX-License-Identifier: Apache-2.0
// Bytes that others wrote as text that is safe to show, print and send. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace swoll {

bool isUtf8(std::string_view bytes);

// One line of printable text, whatever the bytes are. Printable UTF-8 is kept; every other byte
// (control characters, what could steer a terminal or reorder a line, malformed UTF-8) becomes a C
// escape, so nothing that a traced process writes reaches a terminal as more than text.
std::string printable(std::string_view bytes);

// As printable(), with `"` and `\` escaped too: what may stand between quotes.
std::string escapeBytes(std::string_view bytes);

// Valid UTF-8 from any bytes, such that they can be got back: each byte that is not UTF-8 becomes
// "\xNN" and each backslash two. For JSON, whose strings can't hold other bytes.
std::string escapeNonUtf8(std::string_view bytes);

}  // namespace swoll
