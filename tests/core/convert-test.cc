// SPDX-License-Identifier: Apache-2.0
// Events over the wire and back: nothing is lost, and hostile messages do no harm.
#include "rpc/convert-event.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <random>
#include <string>

#include "event/render-json.h"
#include "keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;
using namespace std::string_literals;

// A value with its kind spelled out, which no renderer does.
struct Spell {
  std::string operator()(const Value& value) const { return std::visit(*this, value); }
  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(const Signed& v) const { return "signed " + std::to_string(v.value); }
  std::string operator()(const Unsigned& v) const { return "unsigned " + std::to_string(v.value); }
  std::string operator()(const Address& v) const { return "address " + std::to_string(v.value); }
  std::string operator()(const Octal& v) const { return "octal " + std::to_string(v.value); }
  std::string operator()(const Hex& v) const { return "hex " + std::to_string(v.value); }
  std::string operator()(const Pointed& v) const {
    return "pointed (" + (*this)(List{v.inner}) + ')';
  }
  std::string operator()(const Form& v) const {
    return "form " + v.strace + " (" + (*this)(List{v.inner}) + ')';
  }
  std::string operator()(const Bytes& v) const { return "bytes " + v.value; }
  std::string operator()(const Symbol& v) const { return "symbol " + v.value; }
  std::string operator()(const Flags& v) const {
    std::string text = "flags";
    for (const auto& name : v.names) text += ' ' + name;
    return text;
  }
  std::string operator()(const List& v) const {
    std::string text = "list (";
    for (const auto& item : v.items) text += (*this)(item) + ", ";
    return text + ')';
  }
  std::string operator()(const Fields& v) const {
    std::string text = "fields (";
    for (const auto& [name, value] : v.fields) text += name + ": " + (*this)(value) + ", ";
    return text + ')';
  }
};

void keepsEveryValue(void**) {
  static const Value rows[] = {
      {},
      Signed{INT64_MIN},
      Unsigned{UINT64_MAX},
      Address{0x7ffe'0000'0000},
      Address{0},
      Octal{01777},
      Bytes{"\0a\377"s},
      Bytes{""},
      Symbol{"AF_INET"},
      Flags{{"O_RDONLY", "0x80"}},
      Flags{},
      List{{Bytes{"a"}, Signed{1}, List{{Symbol{"x"}}}}},
      List{},
      Fields{{{"family", Symbol{"AF_INET"}}, {"inner", Fields{{{"port", Unsigned{80}}}}}}},
      Hex{UINT64_MAX},
      Pointed{{Unsigned{5}}},
      Pointed{{{}}},
      Pointed{{List{{Pointed{{Hex{1}}}, Form{{Pointed{{Flags{{"A"}}}}}, "[A]"}}}}},
      Form{{Unsigned{80}}, "htons(80)"},
      Form{{{}}, ""},
      Fields{{{"port", Form{{Form{{Unsigned{80}}, "inner"}}, "outer"}}}},
  };
  for (const auto& row : rows) {
    const char *before = nullptr, *after = nullptr;
    [&] {
      capnp::MallocMessageBuilder message;
      auto wire = message.initRoot<schema::Value>();
      toWire(row, wire);
      before = keep(Spell()(row));
      after = keep(Spell()(fromWire(wire.asReader())));
    }();
    assert_string_equal(before, after);
  }
}

Argument argument(std::string_view name, Value value) {
  Argument arg;
  arg.name = name;
  arg.type = "const char *";
  arg.raw = 0x7ffe;
  arg.value = std::move(value);
  return arg;
}

// No two members of one type are the same, so that none can stand for another.
Event fullEvent(const Container& container, const Container& acting) {
  Event event;
  event.type = 1, event.number = 257, event.name = "sys_openat", event.klass = "FileSystem";
  event.group = "Files", event.arch = "x86_64", event.pid = 10, event.tid = 11, event.uid = 12;
  event.gid = 13, event.session = 14, event.comm = "\377\n";
  event.namespaces = {21, 22, 23, 24, 25, 26, 27};
  event.container = &container, event.acting = &acting, event.unit = "a\\x2db.service";
  event.result = -2, event.start = 1'000, event.finish = 13'300, event.time = -5;
  event.args = {argument("a", Address{1}), argument("b", Bytes{"abc"}),
                argument("c", Bytes{"abc"})};
  event.args[0].faulted = true;
  event.args[1].truncated = true;
  event.args[1].fullLength = 70'000;
  event.args[2].atExit = true;
  event.args[0].after = Pointed{{Unsigned{16}}};
  event.args[1].target = Fields{{{"kind", Symbol{"file"}}, {"path", Bytes{"/b\377"}}}};
  event.args[2].after = Hex{1};
  event.args[2].target = Fields{{{"kind", Symbol{"pipe"}}}};
  event.resultValue = Form{{Flags{{"O_RDWR"}}}, "flags O_RDWR"};
  event.resultTarget = Fields{{{"kind", Symbol{"socket"}}}};
  return event;
}

Container fullContainer() {
  Container container;
  container.id = "c1", container.pod = "p", container.name = "n", container.image = "i";
  container.nameSpace = "s", container.labels = {{"app", "nginx"}, {"b", ""}};
  container.pid = 70, container.pidNamespace = 71;
  return container;
}

// What JSON does not show of an event.
std::string rest(const Event& event) {
  std::string text = std::to_string(event.type) + (event.returned ? " returned" : " gone");
  for (const auto& arg : event.args) {
    text += ' ' + std::string(arg.type) + ' ' + std::to_string(arg.raw);
    for (const auto* value : {&arg.value, &arg.after, &arg.target}) text += ' ' + Spell()(*value);
  }
  return text + ' ' + Spell()(event.resultValue) + ' ' + Spell()(event.resultTarget);
}

void keepsEvents(void**) {
  static void (*const changes[])(Event&) = {
      [](Event&) {},
      [](Event& event) { event.returned = false; },
      [](Event& event) { event.executed = false; },
      [](Event& event) { event.container = nullptr; },
      [](Event& event) { event.acting = nullptr; },
      [](Event& event) { event.unit = {}; },
      [](Event& event) { event = Event(); },
  };
  for (auto change : changes) {
    const char *before = nullptr, *after = nullptr;
    [&] {
      static const std::string_view traces[] = {"one", "two"};
      Container container = fullContainer();
      Container acting = container;
      acting.id = "c2", acting.pod = "q", acting.name = "m", acting.nameSpace = "t";
      Event event = fullEvent(container, acting);
      change(event);
      capnp::MallocMessageBuilder message;
      auto wire = message.initRoot<schema::Event>();
      toWire(event, traces, wire);
      EventContainers storage;
      Event back = fromWire(wire.asReader(), storage);
      before = keep(renderJson(traces, event) + rest(event));
      after = keep(renderJson(tracesOf(wire.asReader()), back) + rest(back));
    }();
    assert_string_equal(before, after);
  }
}

// ---- hostile messages ----

// The problem with reading a message, empty when there was none.
std::string problemWith(schema::Event::Reader wire) {
  auto problem = kj::runCatchingExceptions([&] {
    EventContainers storage;
    Event event = fromWire(wire, storage);
    renderJson(tracesOf(wire), event);
  });
  KJ_IF_MAYBE (exception, problem) return exception->getDescription().cStr();
  return "";
}

void refusesLongLists(void**) {
  const char* problem = nullptr;
  [&] {
    capnp::MallocMessageBuilder message;
    auto wire = message.initRoot<schema::Event>();
    wire.initArgs(100'000);
    problem = keep(problemWith(wire.asReader()));
  }();
  assert_non_null(strstr(problem, "too long"));
}

// Reading goes as deep as the message does; that Cap'n Proto does not go deeper than its nesting
// limit is what keeps the stack from overflowing, by whichever member and kind.
void refusesDeepValues(void**) {
  using Wire = schema::Value::Builder;
  static Wire (*const deeper[])(Wire) = {
      [](Wire value) -> Wire { return value.initList(1)[0]; },
      [](Wire value) -> Wire { return value.initFields(1)[0].initValue(); },
      [](Wire value) -> Wire { return value.initPointed(); },
      [](Wire value) -> Wire { return value.initForm().initValue(); },
  };
  static Wire (*const members[])(schema::Event::Builder) = {
      [](schema::Event::Builder wire) { return wire.initArgs(1)[0].initValue(); },
      [](schema::Event::Builder wire) { return wire.initArgs(1)[0].initAfter(); },
      [](schema::Event::Builder wire) { return wire.initArgs(1)[0].initTarget(); },
      [](schema::Event::Builder wire) { return wire.initReturnValue(); },
      [](schema::Event::Builder wire) { return wire.initReturnTarget(); },
  };
  for (auto member : members) {
    for (auto step : deeper) {
      const char* problem = nullptr;
      [&] {
        capnp::MallocMessageBuilder message;
        auto value = member(message.initRoot<schema::Event>());
        for (int i = 0; i < 100'000; ++i) value = step(value);
        auto words = capnp::messageToFlatArray(message);
        capnp::FlatArrayMessageReader reader(words);
        problem = keep(problemWith(reader.getRoot<schema::Event>()));
      }();
      assert_non_null(strstr(problem, "nested"));
    }
  }
}

// Each run changes some bytes of a good message; under the sanitizers, reading it must do no more
// than fail.
void survivesDamage(void**) {
  int read = 0, refused = 0;
  [&] {
    Container container = fullContainer();
    capnp::MallocMessageBuilder message;
    auto event = fullEvent(container, container);
    event.args.push_back(argument("d", List{{Bytes{"x"}, Fields{{{"f", Flags{{"A"}}}}}}}));
    toWire(event, {}, message.initRoot<schema::Event>());
    auto words = capnp::messageToFlatArray(message);
    std::mt19937 random(1);
    for (int run = 0; run < 5'000; ++run) {
      auto damaged = kj::heapArray<capnp::word>(words.size());
      auto bytes = damaged.asBytes();
      memcpy(bytes.begin(), words.begin(), bytes.size());
      for (int i = 0; i < 1 + run % 8; ++i) bytes[random() % bytes.size()] = kj::byte(random());
      auto size = run % 16 == 0 ? random() % damaged.size() : damaged.size();
      bool failed = true;
      auto problem = kj::runCatchingExceptions([&] {
        capnp::FlatArrayMessageReader reader(damaged.slice(0, size));
        failed = !problemWith(reader.getRoot<schema::Event>()).empty();
      });
      ++(failed || problem != nullptr ? refused : read);
    }
  }();
  assert_true(read > 0);
  assert_true(refused > 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(keepsEveryValue),  cmocka_unit_test(keepsEvents),
      cmocka_unit_test(refusesLongLists), cmocka_unit_test(refusesDeepValues),
      cmocka_unit_test(survivesDamage),
  };
  return cmocka_run_group_tests_name("convert", tests, nullptr, nullptr);
}
