// SPDX-License-Identifier: Apache-2.0
// Landlock: rules are made; a child restricts itself.
#include "corpus.h"

#include <linux/landlock.h>
#include <sys/prctl.h>

static void run(void) {
  struct landlock_ruleset_attr attr = {LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                       LANDLOCK_ACCESS_FS_READ_DIR};
  struct landlock_ruleset_attr all = {-1UL}, none = {0};
  struct landlock_path_beneath_attr rule = {
      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR, 0};
  call(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  int rules = call(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  call(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  call(SYS_landlock_create_ruleset, &none, sizeof none, 0);
  call(SYS_landlock_create_ruleset, &attr, 3, 0);
  call(SYS_landlock_create_ruleset, WILD, 100000, -1);
  rule.parent_fd = open(".", O_PATH | O_DIRECTORY);
  call(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  rule.allowed_access = 0x1fff;
  call(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  rule.parent_fd = -1;
  call(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  call(SYS_landlock_add_rule, rules, 77, &rule, 0);
  call(SYS_landlock_add_rule, BAD_FD, LANDLOCK_RULE_PATH_BENEATH, WILD, -1);
  call(SYS_landlock_restrict_self, BAD_FD, 0);
  call(SYS_landlock_restrict_self, rules, 0x4711);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  call(SYS_landlock_restrict_self, rules, 0);
  call(SYS_open, "/etc/forbidden", O_WRONLY | O_CREAT, 0600);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  inChild(run);
}
