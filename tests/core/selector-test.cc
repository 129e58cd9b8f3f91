// SPDX-License-Identifier: Apache-2.0
// Selectors of labels and fields, in Kubernetes' string form.
#include "containers/selector.h"

#include <string>

#include "fake-kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

const Labels nginx = {{"app", "nginx"},
                      {"tier", "front"},
                      {"empty", ""},
                      {"swoll.io/x-y_z", "v1.2"},
                      {"number", "7"}};

// "yes", "no", or the error.
std::string labels(const std::string& text) {
  auto selector = Selector::parseLabels(text);
  if (!selector) return selector.error();
  return selector->matchesLabels(nginx) ? "yes" : "no";
}

void matchesLabels(void**) {
  static const struct {
    const char *selector, *expected;
  } rows[] = {
      {"", "yes"},
      {"  ", "yes"},
      {"app=nginx", "yes"},
      {"app==nginx", "yes"},
      {" app = nginx ", "yes"},
      {"app=redis", "no"},
      {"app!=redis", "yes"},
      {"app!=nginx", "no"},
      {"none!=x", "yes"},  // as in Kubernetes, != holds where the key is absent
      {"none=x", "no"},
      {"app=nginx,tier=front", "yes"},
      {"app=nginx,tier=back", "no"},
      {"app in (nginx)", "yes"},
      {"app in (redis, nginx)", "yes"},
      {"app in(redis,mysql)", "no"},
      {"none in (x)", "no"},
      {"app notin (redis,mysql)", "yes"},
      {"app notin (nginx)", "no"},
      {"none notin (x)", "yes"},
      {"app", "yes"},
      {"none", "no"},
      {"!none", "yes"},
      {"! none", "yes"},
      {"!app", "no"},
      {"empty", "yes"},
      {"empty=", "yes"},
      {"app=", "no"},
      {"empty!=", "no"},
      {"empty in (a,)", "yes"},
      {"empty in (,a)", "yes"},
      {"app in (,a)", "no"},
      {"number>1", "yes"},
      {"number > 7", "no"},
      {"number<8", "yes"},
      {"number<7", "no"},
      {"app>1", "no"},  // as in Kubernetes, what is no number is neither more nor less
      {"none<1", "no"},
      {"app=,tier", "no"},
      {"swoll.io/x-y_z=v1.2", "yes"},
      {"app in (nginx),tier notin (back),!none,empty,none!=a", "yes"},
      {"in=x", "no"},  // words of the grammar can be keys
      {"notin notin (in)", "yes"},
  };
  for (const auto& row : rows) assert_string_equal(keep(labels(row.selector)), row.expected);
}

void refusesBadLabels(void**) {
  static const struct {
    const char *selector, *expected;
  } rows[] = {
      {"app=nginx,", "bad selector 'app=nginx,': expected a key at its end"},
      {",app", "bad selector ',app': expected a key at ',app'"},
      {"=x", "bad selector '=x': expected a key at '=x'"},
      {"!", "bad selector '!': expected a key at its end"},
      {"!!app", "bad selector '!!app': expected a key at '!app'"},
      {"app nginx",
       "bad selector 'app nginx': expected ',' or an operator (=, !=, in, notin, >, <) at 'nginx'"},
      {"app=nginx tier",
       "bad selector 'app=nginx tier': expected ',' or an operator (=, !=, in, notin, >, <) at "
       "'tier'"},
      {"app=a=b",
       "bad selector 'app=a=b': expected ',' or an operator (=, !=, in, notin, >, <) at '=b'"},
      {"!app=x",
       "bad selector '!app=x': expected ',' or an operator (=, !=, in, notin, >, <) at '=x'"},
      {"app in nginx", "bad selector 'app in nginx': expected '(' at 'nginx'"},
      {"app in", "bad selector 'app in': expected '(' at its end"},
      {"app in (a", "bad selector 'app in (a': expected ',' or ')' at its end"},
      {"app in (a b)", "bad selector 'app in (a b)': expected ',' or ')' at 'b)'"},
      {"app in (a))",
       "bad selector 'app in (a))': expected ',' or an operator (=, !=, in, notin, >, <) at ')'"},
      {"app>x", "bad selector 'app>x': '>' and '<' compare whole numbers, not 'x'"},
      {"app>", "bad selector 'app>': expected a whole number at its end"},
      {"app<99999999999999999999",
       "bad selector 'app<99999999999999999999': '>' and '<' compare whole numbers, not "
       "'99999999999999999999'"},
      {"app in ()", "bad selector 'app in ()': 'in' and 'notin' need a value"},
      {"a/b/c=x",
       "bad selector 'a/b/c=x': key 'a/b/c' must begin and end with a letter or digit, with those, "
       "'-', '_' and '.' between, at most 63 bytes"},
      {"Up.io/c",
       "bad selector 'Up.io/c': the part of key 'Up.io/c' before '/' must be a DNS name: a-z, 0-9, "
       "'-' and '.', at most 253 bytes"},
      {"a..b/c",
       "bad selector 'a..b/c': the part of key 'a..b/c' before '/' must be a DNS name: a-z, 0-9, "
       "'-' and '.', at most 253 bytes"},
      {"-a",
       "bad selector '-a': key '-a' must begin and end with a letter or digit, with those, '-', "
       "'_' and '.' between, at most 63 bytes"},
      {"a=b.",
       "bad selector 'a=b.': value 'b.' must begin and end with a letter or digit, with those, "
       "'-', '_' and '.' between, at most 63 bytes"},
      {"a in (b,c:d)",
       "bad selector 'a in (b,c:d)': value 'c:d' must begin and end with a letter or digit, with "
       "those, '-', '_' and '.' between, at most 63 bytes"},
  };
  for (const auto& row : rows) assert_string_equal(keep(labels(row.selector)), row.expected);
}

// The limits are Kubernetes' own, and those that keep a selector from costing too much.
std::string limits() {
  auto many = [](const std::string& part, size_t n, const char* between) {
    std::string out;
    for (size_t i = 0; i < n; i++) out += (i ? between : "") + part;
    return out;
  };
  std::string name63(63, 'a'), prefix253 = many("a", 127, ".");
  const struct {
    std::string selector;
    bool good;
  } rows[] = {
      {name63 + "=" + name63, true},
      {name63 + "a", false},
      {"a=" + name63 + "a", false},
      {prefix253 + "/" + name63, true},
      {prefix253 + ".a/b", false},
      {many("!a", 256, ","), true},
      {many("!a", 257, ","), false},
      {"a in (" + many("b", 1024, ",") + ")", true},
      {"a in (" + many("b", 1025, ",") + ")", false},
      {std::string(10'000'000, 'a'), false},
  };
  std::string wrong;
  for (size_t i = 0; i < std::size(rows); i++) {
    auto parsed = Selector::parseLabels(rows[i].selector);
    if (bool(parsed) != rows[i].good) wrong += std::to_string(i) + " ";
    if (!parsed && parsed.error().size() > 1024) wrong += "long " + std::to_string(i) + " ";
  }
  if (Selector::parseFields("metadata.name=" + std::string(10'000'000, 'a'))) wrong += "fields";
  return wrong;
}

void keepsToLimits(void**) { assert_string_equal(keep(limits()), ""); }

// A selector that was taken apart says the same when it is put together.
std::string again(const std::string& text) {
  auto selector = Selector::parseLabels(text);
  if (!selector) return selector.error();
  std::string out;
  for (const Requirement& r : selector->requirements())
    out += (out.empty() ? "" : ",") + labelText(r);
  return out;
}

void writesWhatItRead(void**) {
  for (const char* text : {"a=b,c!=d,e in (f,g),h notin (i,j),k,!l,m>1,n<2", "a=", "a in (,b)"})
    assert_string_equal(keep(again(text)), text);
}

std::string fields(const std::string& text) {
  auto selector = Selector::parseFields(text);
  if (!selector) return selector.error();
  Container container;
  container.pod = "web-1", container.name = "indexwriter", container.image = "nginx:1";
  container.nameSpace = "swoll", container.phase = "Running";
  return selector->matchesFields(container, "node-a") ? "yes" : "no";
}

void matchesFields(void**) {
  static const struct {
    const char *selector, *expected;
  } rows[] = {
      {"", "yes"},
      {"status.phase=Running", "yes"},
      {"status.phase!=Running", "no"},
      {"status.phase==Failed", "no"},
      {"metadata.name=web-1,metadata.namespace=swoll", "yes"},
      {"metadata.namespace!=kube-system", "yes"},
      {"spec.nodeName=node-a", "yes"},
      {"spec.nodeName=node-b", "no"},
      {"container.name=indexwriter", "yes"},
      {"container.image=nginx:1", "yes"},
      {"container.image!=nginx:1", "no"},
      {"status.phas=Running", "unknown field 'status.phas'; did you mean 'status.phase'?"},
      {"zzz=1", "unknown field 'zzz'"},
      {"status.phase", "bad field selector 'status.phase': only = and != compare fields"},
      {"!status.phase", "bad field selector '!status.phase': only = and != compare fields"},
      {"status.phase in (a,b)",
       "bad field selector 'status.phase in (a,b)': only = and != compare fields"},
      {"status.phase=", "no"},
      {"status.phase=Running,",
       "bad field selector 'status.phase=Running,': expected a field at its end"},
      {" container.image = nginx:1 , metadata.name = web-1 ", "yes"},
      {"container.image=nginx\\,1", "no"},
      {"container.image=nginx=1",
       "bad field selector 'container.image=nginx=1': in a value, '=' and '\\' need a backslash "
       "before them"},
  };
  for (const auto& row : rows) assert_string_equal(keep(fields(row.selector)), row.expected);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(matchesLabels), cmocka_unit_test(refusesBadLabels),
      cmocka_unit_test(keepsToLimits), cmocka_unit_test(writesWhatItRead),
      cmocka_unit_test(matchesFields),
  };
  return cmocka_run_group_tests_name("selector", tests, nullptr, nullptr);
}
