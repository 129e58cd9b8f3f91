// SPDX-License-Identifier: Apache-2.0
// Socket addresses, each family one row. (include/uapi/linux/{in,in6,un,netlink,if_packet,...}.h)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "event/strace-value.h"
#include "syscall/format/formats.h"

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

// What an address is, in our words and in strace's.
struct Said {
  Fields own, strace;
  void add(const char* name, const char* straceName, const Value& value) {
    own.fields.push_back({name, value});
    strace.fields.push_back({straceName, value});
  }
};

using Show = void (*)(std::string_view, Said&);

void inet(std::string_view bytes, Said& out) {
  auto sa = leading<sockaddr_in>(bytes);
  Value addr = inAddress(bytesOf(&sa.sin_addr, sizeof(sa.sin_addr)));
  out.own.fields.push_back({"addr", addr});
  out.add("port", "sin_port", port(number(sa.sin_port)));
  out.strace.fields.push_back({"sin_addr", addr});
}

void inet6(std::string_view bytes, Said& out) {
  auto sa = leading<sockaddr_in6>(bytes);
  Value addr = in6Address(bytesOf(&sa.sin6_addr, sizeof(sa.sin6_addr)));
  uint32_t flow = ntohl(sa.sin6_flowinfo);
  out.own.fields.push_back({"addr", addr});
  out.add("port", "sin6_port", port(number(sa.sin6_port)));
  out.add("flowinfo", "sin6_flowinfo",
          Form{{Unsigned{flow}}, "htonl(" + std::to_string(flow) + ")"});
  out.strace.fields.push_back({"", namedIn6Address(std::get<Form>(addr), "sin6_addr")});
  bool local = IN6_IS_ADDR_LINKLOCAL(&sa.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&sa.sin6_addr);
  Value scope = local ? ifindex(number(sa.sin6_scope_id)) : Value(Unsigned{sa.sin6_scope_id});
  out.own.fields.push_back({"scope_id", scope});
  if (bytes.size() > offsetof(sockaddr_in6, sin6_scope_id))
    out.strace.fields.push_back({"sin6_scope_id", scope});
}

// A path ends at its NUL; an abstract name starts with one and has every byte of the length.
void unixDomain(std::string_view bytes, Said& out) {
  std::string_view name = bytes.substr(offsetof(sockaddr_un, sun_path));
  if (name.empty()) return;  // unnamed
  name = name.substr(0, sizeof(sockaddr_un::sun_path));
  if (name[0] != '\0') {
    out.add("path", "sun_path", Bytes{std::string(name.substr(0, name.find('\0')))});
    return;
  }
  std::string rest(name.substr(1));
  out.add("path", "sun_path", Form{{Bytes{"@" + rest}}, "@" + straceText(Bytes{rest})});
}

// The members of a layout, whose names serve in both.
void addLayout(const char* layout, std::string_view bytes, Said& out) {
  FormatInput in;
  in.set = layout;
  in.bytes = bytes;
  Value value = structure(in);
  if (const auto* fields = std::get_if<Fields>(&value))
    for (const Field& field : fields->fields)
      out.add(field.name.c_str(), field.name.c_str(), field.value);
}

void netlink(std::string_view bytes, Said& out) { addLayout("sockaddr_nl", bytes, out); }
void vsock(std::string_view bytes, Said& out) { addLayout("sockaddr_vm", bytes, out); }

void packet(std::string_view bytes, Said& out) {
  constexpr size_t lengthAt = 11, addressAt = 12;
  addLayout("sockaddr_ll", bytes, out);
  auto length = uint8_t(bytes[lengthAt]);
  if (!length) return;
  List octets;
  std::string_view address = bytes.substr(addressAt, length);
  for (char octet : address) {
    FormatInput in = number(uint8_t(octet));
    in.width = 1;
    octets.items.push_back(paddedHex(in));
  }
  std::string said = straceText(octets, address.size() < length);
  out.add("sll_addr", "sll_addr", Form{{std::move(octets)}, std::move(said)});
}

// The name is as long as what is left.
void algorithm(std::string_view bytes, Said& out) {
  constexpr size_t nameAt = 24;
  addLayout("sockaddr_alg", bytes, out);
  std::string_view name = bytes.substr(nameAt);
  out.add("salg_name", "salg_name", Bytes{std::string(name.substr(0, name.find('\0')))});
}

struct Family {
  sa_family_t family;
  size_t least;  // bytes
  Show show;
};
const Family families[] = {
    {AF_UNIX, offsetof(sockaddr_un, sun_path), unixDomain},
    {AF_INET, sizeof(sockaddr_in), inet},
    {AF_INET6, offsetof(sockaddr_in6, sin6_scope_id), inet6},
    {AF_NETLINK, 12, netlink},
    {AF_PACKET, 20, packet},
    {AF_ALG, 25, algorithm},
    {AF_VSOCK, 16, vsock},
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

Form namedIn6Address(const Form& address, const std::string& name) {
  std::string said = address.strace.substr(0, address.strace.size() - 1);
  return {address.inner, said + ", &" + name + ")"};
}

// The kernel takes no more than a sockaddr_storage, and looks at none without a family.
Value sockaddr(const FormatInput& in) {
  std::string_view bytes = in.bytes.substr(0, sizeof(sockaddr_storage));
  sa_family_t family = 0;
  if (bytes.size() < sizeof(family)) {
    if (in.record) return Address{in.raw};
    return Bytes{std::string(bytes)};
  }
  memcpy(&family, bytes.data(), sizeof(family));

  Said out;
  FormatInput name = number(family);
  name.set = "socket_family";
  out.add("family", "sa_family", enumeration(name));
  auto row = std::find_if(std::begin(families), std::end(families), [&](const Family& known) {
    return known.family == family && bytes.size() >= known.least;
  });
  if (row != std::end(families))
    row->show(bytes, out);
  else if (bytes.size() > sizeof(family))
    out.add("data", "sa_data", Bytes{std::string(bytes.substr(sizeof(family)))});
  std::string said = straceText(out.strace);
  return Form{{std::move(out.own)}, std::move(said)};
}

}  // namespace swoll::formats
