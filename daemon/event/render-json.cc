// SPDX-License-Identifier: Apache-2.0
#include "event/render-json.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/escape.h"
#include "base/time-text.h"
#include "event/names.h"
#include "event/show.h"

namespace swoll {
namespace {

// A writer of JSON that takes strings of any bytes. Names and labels should be UTF-8 by
// themselves, but all of them come from outside.
struct Json {
  rapidjson::Writer<rapidjson::StringBuffer>& out;

  void key(std::string_view name) {
    if (!isUtf8(name)) return key(escapeNonUtf8(name));
    out.Key(name.data(), unsigned(name.size()));
  }
  void text(std::string_view value) {
    if (!isUtf8(value)) return text(escapeNonUtf8(value));
    out.String(value.data(), unsigned(value.size()));
  }
  void formatted(const char* format, uint64_t value) {
    char digits[32];
    snprintf(digits, sizeof digits, format, static_cast<unsigned long long>(value));
    text(digits);
  }

  void member(std::string_view name, std::string_view value) { key(name), text(value); }
  void member(std::string_view name, uint64_t value) { key(name), out.Uint64(value); }
  void flag(std::string_view name) { key(name), out.Bool(true); }
};

// Whether a value holds bytes that JSON can't. Escaping is then for the argument (or the result) as
// a whole, with what it was afterwards and its target, so that a reader needs one mark to know how
// to undo it.
struct NeedsEscape {
  bool operator()(const Bytes& bytes) const { return !isUtf8(bytes.value); }
  bool operator()(const List& list) const {
    return std::any_of(list.items.begin(), list.items.end(), *this);
  }
  bool operator()(const Fields& fields) const {
    return std::any_of(fields.fields.begin(), fields.fields.end(),
                       [this](const Field& field) { return (*this)(field.value); });
  }
  bool operator()(const Pointed& pointed) const { return (*this)(innerOf(pointed)); }
  bool operator()(const Form& form) const { return (*this)(innerOf(form)); }
  bool operator()(const Value& value) const { return std::visit(*this, value); }
  bool operator()(const Argument& arg) const {
    return (*this)(arg.value) || (*this)(arg.after) || (*this)(arg.target);
  }
  bool operator()(const Event& event) const {  // of its result
    return (*this)(event.resultValue) || (*this)(event.resultTarget);
  }

  bool operator()(std::monostate) const { return false; }
  bool operator()(const Signed&) const { return false; }
  bool operator()(const Unsigned&) const { return false; }
  bool operator()(const Address&) const { return false; }
  bool operator()(const Octal&) const { return false; }
  bool operator()(const Hex&) const { return false; }
  bool operator()(const Symbol&) const { return false; }
  bool operator()(const Flags&) const { return false; }
};

struct ValueWriter {
  Json& json;
  bool escaped;

  void operator()(const Value& value) { std::visit(*this, value); }

  void operator()(std::monostate) { json.out.Null(); }
  void operator()(const Signed& number) { json.out.Int64(number.value); }
  void operator()(const Unsigned& number) { json.out.Uint64(number.value); }
  void operator()(const Hex& number) { json.out.Uint64(number.value); }
  void operator()(const Pointed& pointed) { (*this)(innerOf(pointed)); }
  void operator()(const Form& form) { (*this)(innerOf(form)); }
  void operator()(const Octal& octal) { json.formatted("0%llo", octal.value); }
  void operator()(const Symbol& symbol) { json.text(symbol.value); }
  void operator()(const Address& address) {
    if (address.value == 0) {
      json.out.Null();
    } else {
      json.formatted("0x%llx", address.value);
    }
  }
  void operator()(const Bytes& bytes) {
    json.text(escaped ? escapeNonUtf8(bytes.value) : bytes.value);
  }
  void operator()(const Flags& flags) {
    json.out.StartArray();
    for (const auto& name : flags.names) json.text(name);
    json.out.EndArray();
  }
  void operator()(const List& list) {
    json.out.StartArray();
    for (const auto& item : list.items) (*this)(item);
    json.out.EndArray();
  }
  void operator()(const Fields& fields) {
    json.out.StartObject();
    for (const auto& field : fields.fields) json.key(field.name), (*this)(field.value);
    json.out.EndObject();
  }
};

void writeCall(Json& json, const Event& event) {
  json.out.StartObject();
  json.member("nr", event.number);
  json.member("name", event.name);
  json.member("class", event.klass);
  json.member("group", event.group);
  json.member("arch", event.arch);
  json.out.EndObject();
}

void writeContainer(Json& json, const Container& container) {
  json.key("container");
  json.out.StartObject();
  json.member("id", container.id);
  json.member("pod", container.pod);
  json.member("name", container.name);
  json.member("image", container.image);
  json.member("namespace", container.nameSpace);
  json.key("labels");
  json.out.StartObject();
  for (const auto& [name, value] : container.labels) json.member(name, value);
  json.out.EndObject();
  json.member("pid", container.pid);
  json.member("pid-namespace", container.pidNamespace);
  json.out.EndObject();
}

void writeActing(Json& json, const Container& container) {
  json.key("acting");
  json.out.StartObject();
  json.member("id", container.id);
  json.member("pod", container.pod);
  json.member("name", container.name);
  json.member("namespace", container.nameSpace);
  json.out.EndObject();
}

void writeNamespaces(Json& json, const NamespaceIds& ids) {
  json.member("pid_ns", ids.pid);
  json.member("uts_ns", ids.uts);
  json.member("mount_ns", ids.mount);
  json.member("net_ns", ids.net);
  json.member("ipc_ns", ids.ipc);
  json.member("user_ns", ids.user);
  json.member("cgroup_ns", ids.cgroup);
}

// RFC 3339, UTC, nanoseconds.
void writeTime(Json& json, int64_t time) {
  auto [whole, fraction] = splitTime(time);
  time_t seconds = whole;
  tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf(text + length, sizeof text - length, ".%09dZ", fraction);
  json.member("time", text);
}

void writeValue(Json& json, const Argument& arg) {
  ValueWriter write{json, NeedsEscape()(arg)};
  if (isUnread(arg)) {
    write(Address{arg.raw});
  } else {
    write(arg.value);
  }
}

bool hasNotes(const Argument& arg) {
  return arg.faulted || arg.truncated || arg.atExit || NeedsEscape()(arg);
}

void writeNotes(Json& json, const Argument& arg) {
  json.key(arg.name);
  json.out.StartObject();
  if (arg.faulted) json.flag("faulted");
  if (arg.truncated) {
    json.flag("truncated");
    if (arg.fullLength > 0) json.member("full_length", arg.fullLength);
  }
  if (arg.atExit) json.member("at", "exit");
  if (NeedsEscape()(arg)) json.flag("escaped");
  json.out.EndObject();
}

// An object that is there only when something is in it.
class Occasional {
 public:
  Occasional(Json& json, std::string_view name) : json_(json), name_(name) {}
  ~Occasional() {
    if (open_) json_.out.EndObject();
  }
  Occasional(const Occasional&) = delete;
  Occasional& operator=(const Occasional&) = delete;

  void open() {
    if (open_) return;
    open_ = true;
    json_.key(name_);
    json_.out.StartObject();
  }
  void value(std::string_view name, const Value& value, bool escaped) {
    if (isNone(value)) return;
    open();
    json_.key(name);
    ValueWriter{json_, escaped}(value);
  }

 private:
  Json& json_;
  std::string_view name_;
  bool open_ = false;
};

// No argument has this name: it is a word of C.
constexpr std::string_view resultName = "return";

void writeArgs(Json& json, const Event& event) {
  json.key("args");
  json.out.StartObject();
  for (const auto& arg : event.args) json.key(arg.name), writeValue(json, arg);
  json.out.EndObject();
}

void writeAllNotes(Json& json, const Event& event) {
  Occasional notes(json, "arg_notes");
  for (const auto& arg : event.args) {
    if (hasNotes(arg)) notes.open(), writeNotes(json, arg);
  }
  if (!NeedsEscape()(event)) return;
  notes.open();
  json.key(resultName);
  json.out.StartObject();
  json.flag("escaped");
  json.out.EndObject();
}

// What is known besides the arguments themselves.
void writeContext(Json& json, const Event& event) {
  bool escaped = NeedsEscape()(event);
  {
    Occasional targets(json, "targets");
    for (const auto& arg : event.args) targets.value(arg.name, arg.target, NeedsEscape()(arg));
    targets.value(resultName, event.resultTarget, escaped);
  }
  {
    Occasional after(json, "after");
    for (const auto& arg : event.args) after.value(arg.name, arg.after, NeedsEscape()(arg));
  }
  if (isNone(event.resultValue)) return;
  json.key("return_value");
  ValueWriter{json, escaped}(event.resultValue);
}

void writeResult(Json& json, const Event& event) {
  json.member("error", event.error() == 0 ? "OK" : errnoName(event.error()));
  json.key("return");
  if (event.returned) {
    json.out.Int64(event.result);
  } else {
    json.out.Null();
  }
  if (!event.executed) {
    json.key("executed");
    json.out.Bool(false);
  }
}

// What is told of it stands with what has happened.
void writeProcess(Json& json, const Event& event) {
  json.out.StartObject();
  json.member("event", event.name);
  for (const auto& arg : event.args) json.key(arg.name), writeValue(json, arg);
  json.out.EndObject();
}

void writeNothing(Json&, const Event&) {}

// What each kind has of its own: behind its name, in place of a result, and at the end.
struct KindWriter {
  void (*what)(Json&, const Event&);
  void (*result)(Json&, const Event&);
  void (*args)(Json&, const Event&);
};
constexpr KindWriter kindWriters[kindCount] = {
    {writeCall, writeResult, writeArgs},
    {writeProcess, writeNothing, writeNothing},
};

void writePayload(Json& json, const Event& event) {
  const KindWriter& kind = kindWriters[size_t(event.kind())];
  json.out.StartObject();
  json.key(kindInfo(event.kind()).name);
  kind.what(json, event);
  json.member("pid", event.pid);
  json.member("tid", event.tid);
  json.member("uid", event.uid);
  json.member("gid", event.gid);
  json.member("comm", event.comm);
  if (!isUtf8(event.comm)) json.flag("comm_escaped");
  json.member("session", event.session);
  if (event.container != nullptr) writeContainer(json, *event.container);
  if (event.acting != nullptr) writeActing(json, *event.acting);
  if (!event.unit.empty()) json.member("unit", event.unit);
  kind.result(json, event);
  writeNamespaces(json, event.namespaces);
  json.member("start", event.start);
  json.member("finish", event.finish);
  writeTime(json, event.time);
  kind.args(json, event);
  writeAllNotes(json, event);
  writeContext(json, event);
  json.out.EndObject();
}

// JSON leaves DEL and the C1 controls (C2 80 to C2 9F) as they are, and terminals obey them. In a
// finished line they can only stand in a string, so they can be exchanged for their \u escapes.
bool steersTerminal(std::string_view line, size_t at) {
  if (line[at] == '\x7f') return true;
  return line[at] == '\xc2' && at + 1 < line.size() && uint8_t(line[at + 1]) < 0xa0;
}

bool mayNeedTaming(std::string_view line) {
  return memchr(line.data(), 0x7f, line.size()) != nullptr ||
         memchr(line.data(), 0xc2, line.size()) != nullptr;
}

}  // namespace

std::string tameJson(std::string_view line) {
  std::string tamed;
  for (size_t i = 0; i < line.size(); ++i) {
    if (!steersTerminal(line, i)) {
      tamed += line[i];
      continue;
    }
    if (line[i] == '\xc2') ++i;
    char escape[7];
    snprintf(escape, sizeof escape, "\\u%04x", uint8_t(line[i]));
    tamed += escape;
  }
  return tamed;
}

std::string_view JsonRenderer::render(std::span<const std::string_view> traces,
                                      const Event& event) {
  buffer_.Clear();
  writer_.Reset(buffer_);
  Json json{writer_};
  json.out.StartObject();
  json.key("trace");
  json.out.StartArray();
  for (auto trace : traces) json.text(trace);
  json.out.EndArray();
  json.key("payload");
  writePayload(json, event);
  json.out.EndObject();

  std::string_view line(buffer_.GetString(), buffer_.GetSize());
  if (!mayNeedTaming(line)) return line;
  tamed_ = tameJson(line);
  return tamed_;
}

std::string renderJson(std::span<const std::string_view> traces, const Event& event) {
  return std::string(JsonRenderer().render(traces, event));
}

}  // namespace swoll
