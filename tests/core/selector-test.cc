// SPDX-License-Identifier: Apache-2.0
// Selectors of labels and fields, in Kubernetes' string form.
#include "core/selector.h"

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

const Labels nginx = {
    {"app", "nginx"}, {"tier", "front"}, {"empty", ""}, {"swoll.io/x-y_z", "v1.2"}};

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
      {"empty in ()", "yes"},
      {"empty in (a,)", "yes"},
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
       "bad selector 'app nginx': expected ',' or an operator (=, !=, in, notin) at 'nginx'"},
      {"app=nginx tier",
       "bad selector 'app=nginx tier': expected ',' or an operator (=, !=, in, notin) at 'tier'"},
      {"app=a=b", "bad selector 'app=a=b': expected ',' or an operator (=, !=, in, notin) at '=b'"},
      {"!app=x", "bad selector '!app=x': expected ',' or an operator (=, !=, in, notin) at '=x'"},
      {"app in nginx", "bad selector 'app in nginx': expected '(' at 'nginx'"},
      {"app in", "bad selector 'app in': expected '(' at its end"},
      {"app in (a", "bad selector 'app in (a': expected ',' or ')' at its end"},
      {"app in (a b)", "bad selector 'app in (a b)': expected ',' or ')' at 'b)'"},
      {"app in (a))",
       "bad selector 'app in (a))': expected ',' or an operator (=, !=, in, notin) at ')'"},
      {"app>1", "bad selector 'app>1': expected a key at 'app>1'"},
  };
  for (const auto& row : rows) assert_string_equal(keep(labels(row.selector)), row.expected);
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
      {"status.phase=Running,", "bad selector 'status.phase=Running,': expected a key at its end"},
  };
  for (const auto& row : rows) assert_string_equal(keep(fields(row.selector)), row.expected);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(matchesLabels),
      cmocka_unit_test(refusesBadLabels),
      cmocka_unit_test(matchesFields),
  };
  return cmocka_run_group_tests_name("selector", tests, nullptr, nullptr);
}
