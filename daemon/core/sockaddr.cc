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

void inet(std::string_view bytes, Fields& out) {
  auto sa = leading<sockaddr_in>(bytes);
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &sa.sin_addr, text, sizeof(text));
  out.fields.push_back({"addr", Bytes{text}});
  out.fields.push_back({"port", Unsigned{ntohs(sa.sin_port)}});
}

void inet6(std::string_view bytes, Fields& out) {
  auto sa = leading<sockaddr_in6>(bytes);
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &sa.sin6_addr, text, sizeof(text));
  out.fields.push_back({"addr", Bytes{text}});
  out.fields.push_back({"port", Unsigned{ntohs(sa.sin6_port)}});
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
