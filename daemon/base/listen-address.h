// SPDX-License-Identifier: Apache-2.0
// Where something is served: "ADDR:PORT", "unix:PATH" or "off". A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace swoll {

struct ListenAddress {
  enum class Kind { off, ip, path };
  Kind kind = Kind::off;
  std::string host;  // of ip: a literal of either family, without brackets
  uint16_t port = 0;
  std::string path;

  bool isLoopback() const;  // nobody outside this machine comes to it
  std::string text() const;

  bool operator==(const ListenAddress&) const = default;

  // "localhost" is 127.0.0.1; other names are an error, as what they mean may change.
  static Result<ListenAddress> parse(const std::string& text);
};

// An address of either family, without brackets.
bool isAddressLiteral(const std::string& text);

// "HOST:PORT", "[HOST]:PORT", "HOST": the host, without brackets; none if it is not of that form.
std::optional<std::string> hostOf(std::string_view authority);

// What a Host header may say. A page of any site can have its name lead to 127.0.0.1 and so make a
// browser on this machine ask us; its requests still carry that name. A client that comes by
// address or as localhost was not sent by a name's owner.
struct HostGuard {
  bool anyName = false;    // not loopback alone: nobody can list its names
  std::string names = {};  // more of them, with blanks or commas between
  bool allows(std::string_view header) const;
};

}  // namespace swoll
