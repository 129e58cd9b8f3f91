// SPDX-License-Identifier: Apache-2.0
// Socket addresses, each family one function in a table. (include/uapi/linux/{in,in6,un}.h)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

#include "core/formats.h"
#include "core/names.h"

namespace swoll::formats {
namespace {

// The fixed part of an address, zero where the caller gave less.
template <typename T>
T leading(std::string_view bytes) {
  T out{};
  memcpy(&out, bytes.data(), std::min(bytes.size(), sizeof(out)));
  return out;
}

FormatInput bytesOf(const void* data, size_t size) {
  FormatInput in;
  in.bytes = {static_cast<const char*>(data), size};
  return in;
}
FormatInput number(uint64_t raw) {
  FormatInput in;
  in.raw = raw;
  return in;
}

void inet(std::string_view bytes, Fields& out) {
  auto sa = leading<sockaddr_in>(bytes);
  out.fields.push_back({"addr", inAddress(bytesOf(&sa.sin_addr, sizeof(sa.sin_addr)))});
  out.fields.push_back({"port", port(number(sa.sin_port))});
}

void inet6(std::string_view bytes, Fields& out) {
  auto sa = leading<sockaddr_in6>(bytes);
  out.fields.push_back({"addr", in6Address(bytesOf(&sa.sin6_addr, sizeof(sa.sin6_addr)))});
  out.fields.push_back({"port", port(number(sa.sin6_port))});
  out.fields.push_back({"flowinfo", Unsigned{ntohl(sa.sin6_flowinfo)}});
  out.fields.push_back({"scope_id", Unsigned{sa.sin6_scope_id}});
}

// A path ends at its NUL; an abstract name starts with one and has every byte of the length.
void unixDomain(std::string_view bytes, Fields& out) {
  std::string_view name = bytes.substr(offsetof(sockaddr_un, sun_path));
  if (name.empty()) return;  // unnamed
  std::string path = name[0] == '\0' ? "@" + std::string(name.substr(1))
                                     : std::string(name.substr(0, name.find('\0')));
  out.fields.push_back({"path", Bytes{path}});
}

struct Family {
  sa_family_t family;
  size_t least;  // bytes
  void (*show)(std::string_view, Fields&);
};
const Family families[] = {
    {AF_INET, sizeof(sockaddr_in), inet},
    {AF_INET6, offsetof(sockaddr_in6, sin6_scope_id), inet6},
    {AF_UNIX, offsetof(sockaddr_un, sun_path), unixDomain},
};

}  // namespace

Value inAddress(const FormatInput& in) {
  char text[INET_ADDRSTRLEN];
  auto raw = leading<in_addr>(in.bytes);
  inet_ntop(AF_INET, &raw, text, sizeof(text));
  return Form{{Bytes{text}}, std::string("inet_addr(\"") + text + "\")"};
}

Value in6Address(const FormatInput& in) {
  char text[INET6_ADDRSTRLEN];
  auto raw = leading<in6_addr>(in.bytes);
  inet_ntop(AF_INET6, &raw, text, sizeof(text));
  return Form{{Bytes{text}}, std::string("inet_pton(AF_INET6, \"") + text + "\")"};
}

Value sockaddr(const FormatInput& in) {
  sa_family_t family = 0;
  if (in.bytes.size() < sizeof(family)) return Bytes{std::string(in.bytes)};
  memcpy(&family, in.bytes.data(), sizeof(family));

  Fields out;
  const FlagSet* set = findSet("socket_family");
  std::string name = set ? enumName(*set, family) : "";
  out.fields.push_back({"family", name.empty() ? Value(Unsigned{family}) : Value(Symbol{name})});
  for (const Family& row : families) {
    if (row.family != family || in.bytes.size() < row.least) continue;
    row.show(in.bytes, out);
    return out;
  }
  out.fields.push_back({"data", Bytes{std::string(in.bytes.substr(sizeof(family)))}});
  return out;
}

}  // namespace swoll::formats
