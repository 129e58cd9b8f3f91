// SPDX-License-Identifier: Apache-2.0
#include "rpc/convert-event.h"

#include <kj/debug.h>

#include <cstring>

#include "event/show.h"

namespace swoll {
namespace {

kj::StringPtr ptr(const std::string& text) { return {text.c_str(), text.size()}; }
std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
std::string_view view(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
std::string string(capnp::Text::Reader text) { return std::string(view(text)); }

capnp::Data::Reader data(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

// A view has no terminator, which Cap'n Proto's own setters need.
void fill(capnp::Text::Builder text, std::string_view from) {
  if (!from.empty()) memcpy(text.begin(), from.data(), from.size());
}

// A list of nothing but empty structs takes no bytes on the wire however long it claims to be, but
// here each element takes some.
template <typename List>
List checked(List list) {
  constexpr unsigned maxItems = 1 << 16;  // far above what the daemon captures of anything
  KJ_REQUIRE(list.size() <= maxItems, "an event's list is too long", list.size());
  return list;
}

struct ValueToWire {
  schema::Value::Builder wire;

  void operator()(std::monostate) { wire.setNone(); }
  void operator()(const Signed& number) { wire.setSigned(number.value); }
  void operator()(const Unsigned& number) { wire.setUnsigned(number.value); }
  void operator()(const Address& address) { wire.setAddress(address.value); }
  void operator()(const Octal& octal) { wire.setOctal(octal.value); }
  void operator()(const Hex& number) { wire.setHex(number.value); }
  void operator()(const Bytes& bytes) { wire.setBytes(data(bytes.value)); }
  void operator()(const Symbol& symbol) { wire.setSymbol(ptr(symbol.value)); }
  void operator()(const Flags& flags) {
    auto names = wire.initFlags(unsigned(flags.names.size()));
    for (unsigned i = 0; i < names.size(); ++i) names.set(i, ptr(flags.names[i]));
  }
  void operator()(const List& list) {
    auto items = wire.initList(unsigned(list.items.size()));
    for (unsigned i = 0; i < items.size(); ++i) toWire(list.items[i], items[i]);
  }
  void operator()(const Fields& fields) {
    auto rows = wire.initFields(unsigned(fields.fields.size()));
    for (unsigned i = 0; i < rows.size(); ++i) {
      rows[i].setName(ptr(fields.fields[i].name));
      toWire(fields.fields[i].value, rows[i].initValue());
    }
  }
  void operator()(const Pointed& pointed) { toWire(innerOf(pointed), wire.initPointed()); }
  void operator()(const Form& form) {
    auto spelled = wire.initForm();
    spelled.setStrace(ptr(form.strace));
    toWire(innerOf(form), spelled.initValue());
  }
};

void writeArgument(const Argument& arg, schema::Argument::Builder wire) {
  fill(wire.initName(unsigned(arg.name.size())), arg.name);
  fill(wire.initType(unsigned(arg.type.size())), arg.type);
  wire.setRaw(arg.raw);
  toWire(arg.value, wire.initValue());
  wire.setFaulted(arg.faulted);
  wire.setTruncated(arg.truncated);
  wire.setFullLength(arg.fullLength);
  wire.setAtExit(arg.atExit);
  if (!isNone(arg.after)) toWire(arg.after, wire.initAfter());
  if (!isNone(arg.target)) toWire(arg.target, wire.initTarget());
}

void writeNamespaces(const NamespaceIds& ids, schema::Namespaces::Builder wire) {
  wire.setPid(ids.pid);
  wire.setUts(ids.uts);
  wire.setMount(ids.mount);
  wire.setNet(ids.net);
  wire.setIpc(ids.ipc);
  wire.setUser(ids.user);
  wire.setCgroup(ids.cgroup);
}

// Its name alone: it is the event's charged container that people select by.
void writeActing(const Container& container, schema::ContainerRef::Builder wire) {
  wire.setId(ptr(container.id));
  wire.setPod(ptr(container.pod));
  wire.setName(ptr(container.name));
  wire.setNamespace(ptr(container.nameSpace));
}

Argument readArgument(schema::Argument::Reader wire) {
  return {.name = view(wire.getName()),
          .type = view(wire.getType()),
          .raw = wire.getRaw(),
          .value = fromWire(wire.getValue()),
          .faulted = wire.getFaulted(),
          .truncated = wire.getTruncated(),
          .fullLength = wire.getFullLength(),
          .atExit = wire.getAtExit(),
          .after = fromWire(wire.getAfter()),
          .target = fromWire(wire.getTarget())};
}

NamespaceIds readNamespaces(schema::Namespaces::Reader wire) {
  return {.pid = wire.getPid(),
          .uts = wire.getUts(),
          .mount = wire.getMount(),
          .net = wire.getNet(),
          .ipc = wire.getIpc(),
          .user = wire.getUser(),
          .cgroup = wire.getCgroup()};
}

Container readContainer(schema::ContainerRef::Reader wire) {
  Container container;
  container.id = string(wire.getId());
  container.pod = string(wire.getPod());
  container.name = string(wire.getName());
  container.image = string(wire.getImage());
  container.nameSpace = string(wire.getNamespace());
  container.pid = wire.getPid();
  container.pidNamespace = wire.getPidns();
  for (auto label : checked(wire.getLabels())) {
    container.labels[string(label.getKey())] = string(label.getValue());
  }
  return container;
}

}  // namespace

void toWire(const Container& container, schema::ContainerRef::Builder wire) {
  wire.setId(ptr(container.id));
  wire.setPod(ptr(container.pod));
  wire.setName(ptr(container.name));
  wire.setImage(ptr(container.image));
  wire.setNamespace(ptr(container.nameSpace));
  wire.setPid(container.pid);
  wire.setPidns(container.pidNamespace);
  auto labels = wire.initLabels(unsigned(container.labels.size()));
  unsigned i = 0;
  for (const auto& [key, value] : container.labels) {
    labels[i].setKey(ptr(key));
    labels[i].setValue(ptr(value));
    ++i;
  }
}

void toWire(const Value& value, schema::Value::Builder wire) {
  std::visit(ValueToWire{wire}, value);
}

void toWire(const Event& event, std::span<const std::string_view> traces,
            schema::Event::Builder wire) {
  auto names = wire.initTraces(unsigned(traces.size()));
  for (unsigned i = 0; i < names.size(); ++i) {
    fill(names.init(i, unsigned(traces[i].size())), traces[i]);
  }
  wire.setType(event.type);
  wire.setNumber(event.number);
  fill(wire.initName(unsigned(event.name.size())), event.name);
  fill(wire.initClass(unsigned(event.klass.size())), event.klass);
  fill(wire.initGroup(unsigned(event.group.size())), event.group);
  fill(wire.initArch(unsigned(event.arch.size())), event.arch);
  wire.setPid(event.pid);
  wire.setTid(event.tid);
  wire.setUid(event.uid);
  wire.setGid(event.gid);
  wire.setComm(data(event.comm));
  wire.setSession(event.session);
  if (event.container != nullptr) toWire(*event.container, wire.initContainer());
  if (event.acting != nullptr) writeActing(*event.acting, wire.initActing());
  fill(wire.initUnit(unsigned(event.unit.size())), event.unit);
  wire.setReturn(event.result);
  wire.setReturned(event.returned);
  wire.setExecuted(event.executed);
  if (!isNone(event.resultValue)) toWire(event.resultValue, wire.initReturnValue());
  if (!isNone(event.resultTarget)) toWire(event.resultTarget, wire.initReturnTarget());
  writeNamespaces(event.namespaces, wire.initNamespaces());
  wire.setStart(event.start);
  wire.setFinish(event.finish);
  wire.setTime(event.time);
  auto args = wire.initArgs(unsigned(event.args.size()));
  for (unsigned i = 0; i < args.size(); ++i) writeArgument(event.args[i], args[i]);
  if (event.registers.empty()) return;
  auto registers = wire.initRegisters(unsigned(event.registers.size()));
  for (unsigned i = 0; i < registers.size(); ++i) registers.set(i, event.registers[i]);
}

Value fromWire(schema::Value::Reader wire) {
  switch (wire.which()) {
    case schema::Value::NONE:
      return {};
    case schema::Value::SIGNED:
      return Signed{wire.getSigned()};
    case schema::Value::UNSIGNED:
      return Unsigned{wire.getUnsigned()};
    case schema::Value::ADDRESS:
      return Address{wire.getAddress()};
    case schema::Value::OCTAL:
      return Octal{wire.getOctal()};
    case schema::Value::HEX:
      return Hex{wire.getHex()};
    case schema::Value::BYTES:
      return Bytes{std::string(view(wire.getBytes()))};
    case schema::Value::SYMBOL:
      return Symbol{string(wire.getSymbol())};
    case schema::Value::FLAGS: {
      Flags flags;
      for (auto name : checked(wire.getFlags())) flags.names.push_back(string(name));
      return flags;
    }
    case schema::Value::LIST: {
      List list;
      for (auto item : checked(wire.getList())) list.items.push_back(fromWire(item));
      return list;
    }
    case schema::Value::FIELDS: {
      Fields fields;
      for (auto field : checked(wire.getFields())) {
        fields.fields.push_back({string(field.getName()), fromWire(field.getValue())});
      }
      return fields;
    }
    case schema::Value::POINTED:
      return Pointed{{fromWire(wire.getPointed())}};
    case schema::Value::FORM: {
      auto form = wire.getForm();
      return Form{{fromWire(form.getValue())}, string(form.getStrace())};
    }
  }
  return {};  // of a newer daemon
}

Event fromWire(schema::Event::Reader wire, EventContainers& storage) {
  Event event;
  event.type = wire.getType();
  event.number = wire.getNumber();
  event.name = view(wire.getName());
  event.klass = view(wire.getClass());
  event.group = view(wire.getGroup());
  event.arch = view(wire.getArch());
  event.pid = wire.getPid();
  event.tid = wire.getTid();
  event.uid = wire.getUid();
  event.gid = wire.getGid();
  event.comm = std::string(view(wire.getComm()));
  event.session = wire.getSession();
  if (wire.hasContainer()) {
    storage.charged = readContainer(wire.getContainer());
    event.container = &storage.charged;
  }
  if (wire.hasActing()) {
    storage.acting = readContainer(wire.getActing());
    event.acting = &storage.acting;
  }
  event.unit = view(wire.getUnit());
  event.result = wire.getReturn();
  event.returned = wire.getReturned();
  event.executed = wire.getExecuted();
  event.resultValue = fromWire(wire.getReturnValue());
  event.resultTarget = fromWire(wire.getReturnTarget());
  event.namespaces = readNamespaces(wire.getNamespaces());
  event.start = wire.getStart();
  event.finish = wire.getFinish();
  event.time = wire.getTime();
  for (uint64_t value : checked(wire.getRegisters())) event.registers.push_back(value);
  for (auto arg : checked(wire.getArgs())) event.args.push_back(readArgument(arg));
  return event;
}

std::vector<std::string_view> tracesOf(schema::Event::Reader wire) {
  std::vector<std::string_view> names;
  for (auto name : checked(wire.getTraces())) names.push_back(view(name));
  return names;
}

}  // namespace swoll
