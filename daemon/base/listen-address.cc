// SPDX-License-Identifier: Apache-2.0
#include "base/listen-address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace swoll {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  return out;
}

// Digits alone, 1 to 65535.
std::optional<uint16_t> portOf(std::string_view text) {
  uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

}  // namespace

bool isAddressLiteral(const std::string& text) {
  in6_addr parsed;
  return inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

std::optional<std::string> hostOf(std::string_view authority) {
  size_t end = authority.starts_with("[") ? authority.find(']') : authority.find(':');
  bool bracketed = authority.starts_with("[");
  if (bracketed && end == authority.npos) return {};
  std::string_view host =
      authority.substr(bracketed, end == authority.npos ? end : end - bracketed);
  std::string_view rest =
      end == authority.npos ? std::string_view() : authority.substr(end + bracketed);
  if (host.empty() || !(rest.empty() || (rest[0] == ':' && portOf(rest.substr(1))))) return {};
  return lower(host);
}

Result<ListenAddress> ListenAddress::parse(const std::string& text) {
  if (text == "off") return ListenAddress{};
  if (text.starts_with("unix:")) {
    std::string path = text.substr(5);
    if (!path.starts_with("/")) return Error{"'" + text + "': the path is to begin with /"};
    return ListenAddress{.kind = Kind::path, .host = {}, .port = 0, .path = path};
  }
  size_t colon = text.rfind(':');
  auto host = hostOf(text);
  auto port = colon == text.npos ? std::nullopt : portOf(text.substr(colon + 1));
  if (host && *host == "localhost") host = "127.0.0.1";
  if (!host || !port || !isAddressLiteral(*host))
    return Error{"'" + text + "' is none of ADDR:PORT, as 127.0.0.1:9095 or [::1]:9095, " +
                 "unix:/PATH and off"};
  return ListenAddress{.kind = Kind::ip, .host = *host, .port = *port, .path = {}};
}

bool ListenAddress::isLoopback() const {
  return kind != Kind::ip || host.starts_with("127.") || host == "::1" ||
         host.starts_with("::ffff:127.");
}

std::string ListenAddress::text() const {
  if (kind == Kind::off) return "off";
  if (kind == Kind::path) return "unix:" + path;
  bool six = host.find(':') != host.npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool HostGuard::allows(std::string_view header) const {
  auto host = hostOf(header);
  if (!host) return false;
  if (anyName || *host == "localhost" || host->ends_with(".localhost") || isAddressLiteral(*host))
    return true;
  std::string list = lower(names);
  std::replace(list.begin(), list.end(), ' ', ',');
  auto known = split(list, ',');
  return std::find(known.begin(), known.end(), *host) != known.end();
}

}  // namespace swoll
