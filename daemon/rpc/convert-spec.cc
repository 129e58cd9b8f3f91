// SPDX-License-Identifier: Apache-2.0
#include "rpc/convert-spec.h"

#include <kj/exception.h>

namespace swoll {
namespace {

using Texts = capnp::List<capnp::Text>;

// A list of empty texts is short on the wire and long in memory.
constexpr uint mostItems = 65536;

void wantShort(uint items) {
  if (items > mostItems)
    kj::throwFatalException(kj::Exception(kj::Exception::Type::FAILED, "", 0,
                                          kj::str("a list of the trace's spec is too long")));
}

std::string textOf(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

std::vector<std::string> textsOf(Texts::Reader wire) {
  wantShort(wire.size());
  std::vector<std::string> out;
  out.reserve(wire.size());
  for (capnp::Text::Reader text : wire) out.push_back(textOf(text));
  return out;
}

void setTexts(Texts::Builder wire, const std::vector<std::string>& texts) {
  for (uint i = 0; i < wire.size(); i++) wire.set(i, texts[i].c_str());
}

// The members that are texts and lists of them, one row each.
struct TextRow {
  std::string TraceSpec::*member;
  capnp::Text::Reader (schema::TraceSpec::Reader::*get)() const;
  void (schema::TraceSpec::Builder::*set)(capnp::Text::Reader);
};
const TextRow textRows[] = {
#define TEXT(member, Name)                                     \
  {                                                            \
    &TraceSpec::member, &schema::TraceSpec::Reader::get##Name, \
        &schema::TraceSpec::Builder::set##Name                 \
  }
    TEXT(name, Name),
    TEXT(labelSelector, LabelSelector),
    TEXT(fieldSelector, FieldSelector),
    TEXT(nameSpace, Namespace),
    TEXT(pod, Pod),
    TEXT(container, Container),
    TEXT(comm, Comm),
    TEXT(cgroup, Cgroup),
    TEXT(unit, Unit),
#undef TEXT
};

struct ListRow {
  std::vector<std::string> TraceSpec::*member;
  Texts::Reader (schema::TraceSpec::Reader::*get)() const;
  Texts::Builder (schema::TraceSpec::Builder::*init)(unsigned);
};
const ListRow listRows[] = {
#define LIST(member, Name)                                     \
  {                                                            \
    &TraceSpec::member, &schema::TraceSpec::Reader::get##Name, \
        &schema::TraceSpec::Builder::init##Name                \
  }
    LIST(syscalls, Syscalls),
    LIST(processes, Processes),
    LIST(errors, Errno),
    LIST(hostSelector, HostSelector),
    LIST(addContainers, AddContainers),
    LIST(removeContainers, RemoveContainers),
#undef LIST
};

}  // namespace

TraceSpec fromWire(schema::TraceSpec::Reader wire) {
  TraceSpec spec;
  for (const TextRow& row : textRows) spec.*row.member = textOf((wire.*row.get)());
  for (const ListRow& row : listRows) spec.*row.member = textsOf((wire.*row.get)());
  spec.pidNamespace = wire.getPidns();
  spec.host = wire.getHost();
  spec.pid = wire.getPid();
  spec.uid = wire.getUid();
  spec.minLatency = wire.getMinLatency();
  spec.sampleRate = wire.getSampleRate();
  spec.duration = wire.getDuration();
  spec.journal = wire.getJournal();
  spec.rate = wire.getRate();
  wantShort(wire.getArgs().size());
  for (auto arg : wire.getArgs())
    spec.args.push_back({textOf(arg.getName()), textOf(arg.getGlob())});
  return spec;
}

void toWire(const TraceSpec& spec, schema::TraceSpec::Builder wire) {
  for (const TextRow& row : textRows) (wire.*row.set)((spec.*row.member).c_str());
  for (const ListRow& row : listRows)
    setTexts((wire.*row.init)(unsigned((spec.*row.member).size())), spec.*row.member);
  wire.setPidns(spec.pidNamespace);
  wire.setHost(spec.host);
  wire.setPid(spec.pid);
  wire.setUid(spec.uid);
  wire.setMinLatency(spec.minLatency);
  wire.setSampleRate(spec.sampleRate);
  wire.setDuration(spec.duration);
  wire.setJournal(spec.journal);
  wire.setRate(spec.rate);
  auto args = wire.initArgs(unsigned(spec.args.size()));
  for (uint i = 0; i < args.size(); i++) {
    args[i].setName(spec.args[i].name.c_str());
    args[i].setGlob(spec.args[i].glob.c_str());
  }
}

}  // namespace swoll
