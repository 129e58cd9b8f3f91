// SPDX-License-Identifier: Apache-2.0
#include "event/target-text.h"

#include <string_view>

#include "base/escape.h"
#include "event/show.h"

namespace swoll {
namespace {

// The member of that name, none where there is none. Forms are looked through.
const Value& member(const Value& value, std::string_view name) {
  static const Value none;
  if (const auto* form = std::get_if<Form>(&value)) return member(innerOf(*form), name);
  const auto* fields = std::get_if<Fields>(&value);
  if (fields == nullptr) return none;
  for (const auto& field : fields->fields) {
    if (field.name == name) return field.value;
  }
  return none;
}

// A name or a number as it is; empty for anything else.
std::string_view word(const Value& value) {
  if (const auto* form = std::get_if<Form>(&value)) return word(innerOf(*form));
  if (const auto* symbol = std::get_if<Symbol>(&value)) return symbol->value;
  if (const auto* bytes = std::get_if<Bytes>(&value)) return bytes->value;
  return {};
}

std::string number(const Value& value) {
  if (const auto* form = std::get_if<Form>(&value)) return number(innerOf(*form));
  const auto* found = std::get_if<Unsigned>(&value);
  return found == nullptr ? "?" : std::to_string(found->value);
}

// Any bytes, such that they can't be taken for the end of the target.
std::string bracketed(std::string_view bytes) {
  std::string text;
  for (char c : escapeBytes(bytes)) {
    if (c == '<') {
      text += "\\074";
    } else if (c == '>') {
      text += "\\076";
    } else {
      text += c;
    }
  }
  return text;
}

// "127.0.0.1:80", "[::1]:80", "/run/x.sock"; empty for an address that is not there or unnamed.
std::string addressText(const Value& address) {
  if (auto path = word(member(address, "path")); !path.empty()) return bracketed(path);
  auto host = word(member(address, "addr"));
  if (host.empty()) return {};
  auto port = ':' + number(member(address, "port"));
  bool colons = host.find(':') != host.npos;
  return (colons ? '[' + bracketed(host) + ']' : bracketed(host)) + port;
}

// "TCP", "UDPv6": by the protocol or, where the socket was made with its type's usual one, by that.
std::string inetName(const Value& socket) {
  static constexpr struct {
    std::string_view type, name;
  } usual[] = {{"SOCK_STREAM", "TCP"}, {"SOCK_DGRAM", "UDP"}, {"SOCK_RAW", "RAW"}};

  constexpr std::string_view prefix = "IPPROTO_";
  auto protocol = word(member(socket, "protocol"));
  if (protocol.starts_with(prefix) && protocol != "IPPROTO_IP") {
    return bracketed(protocol.substr(prefix.size()));
  }
  for (const auto& row : usual) {
    if (row.type == word(member(socket, "type"))) return std::string(row.name);
  }
  return {};
}

// "UNIX", "UNIX-STREAM".
std::string unixName(const Value& socket) {
  constexpr std::string_view prefix = "SOCK_";
  auto type = word(member(socket, "type"));
  return type.starts_with(prefix) ? "UNIX-" + bracketed(type.substr(prefix.size())) : "UNIX";
}

// Of other families no more is known than that it is a socket.
std::string socketName(const Value& socket) {
  auto family = word(member(socket, "family"));
  std::string name;
  if (family == "AF_UNIX") return unixName(socket);
  if (family == "AF_INET" || family == "AF_INET6") name = inetName(socket);
  if (family == "AF_INET6" && !name.empty()) name += "v6";
  return name.empty() ? "socket" : name;
}

std::string socketText(const Value& socket) {
  auto local = addressText(member(socket, "local")), peer = addressText(member(socket, "peer"));
  if (local.empty()) local = number(member(socket, "inode"));
  return socketName(socket) + ":[" + local + (peer.empty() ? "" : "->" + peer) + ']';
}

}  // namespace

std::string targetText(const Value& target) {
  auto kind = word(member(target, "kind"));
  if (kind == "socket") return socketText(target);
  auto path = word(member(target, "path"));
  if (path.empty()) path = kind;
  return path.empty() ? "?" : bracketed(path);
}

}  // namespace swoll
