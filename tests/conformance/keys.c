// SPDX-License-Identifier: Apache-2.0
// Keys, in keyrings that end with the process.
#include "corpus.h"

#include <linux/keyctl.h>

static void run(void) {
  char out[256];
  // A session of its own, so that nothing is added to that of the machine.
  call(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  long ring = call(SYS_add_key, "keyring", "ring of it", NULL, 0, KEY_SPEC_PROCESS_KEYRING);
  long key = call(SYS_add_key, "user", "name " ODD, "payload\0" ODD, 12, KEY_SPEC_PROCESS_KEYRING);
  call(SYS_add_key, "user", "long", longText(2000, 'k'), 2000, ring);
  call(SYS_add_key, "no-such-type", "x", "y", 1, KEY_SPEC_SESSION_KEYRING);
  call(SYS_add_key, NULL, NULL, NULL, HUGE, 0);
  call(SYS_add_key, "user", WILD, WILD, 5, -99);
  call(SYS_request_key, "user", "name " ODD, NULL, KEY_SPEC_PROCESS_KEYRING);
  call(SYS_request_key, "user", "absent", NULL, 0);
  call(SYS_request_key, WILD, NULL, WILD, KEY_SPEC_REQKEY_AUTH_KEY);
  const struct {
    long operation, a, b, c, d;
  } rows[] = {
      {KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0},
      {KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1, 0, 0},
      {KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0, 0, 0},
      {KEYCTL_GET_KEYRING_ID, -50, 0, 0, 0},
      {KEYCTL_UPDATE, key, (long)"other", 5, 0},
      {KEYCTL_DESCRIBE, key, (long)out, sizeof out, 0},
      {KEYCTL_DESCRIBE, key, 0, 0, 0},
      {KEYCTL_READ, key, (long)out, sizeof out, 0},
      {KEYCTL_READ, ring, (long)out, 3, 0},
      {KEYCTL_SETPERM, key, 0x3f3f0000, 0, 0},
      {KEYCTL_SETPERM, key, 0x3f1f0f01, 0, 0},
      {KEYCTL_CHOWN, key, 0, -1, 0},
      {KEYCTL_LINK, key, ring, 0, 0},
      {KEYCTL_SEARCH, ring, (long)"user", (long)("name " ODD), 0},
      {KEYCTL_SEARCH, ring, (long)"user", (long)"absent", KEY_SPEC_PROCESS_KEYRING},
      {KEYCTL_UNLINK, key, ring, 0, 0},
      {KEYCTL_SET_TIMEOUT, key, 100, 0, 0},
      {KEYCTL_GET_SECURITY, key, (long)out, sizeof out, 0},
      {KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_PROCESS_KEYRING, 0, 0, 0},
      {KEYCTL_SET_REQKEY_KEYRING, 99, 0, 0, 0},
      {KEYCTL_ASSUME_AUTHORITY, 0, 0, 0, 0},
      {KEYCTL_INSTANTIATE, key, (long)"x", 1, ring},
      {KEYCTL_NEGATE, key, 30, ring, 0},
      {KEYCTL_REJECT, key, 30, 128, ring},
      {KEYCTL_CAPABILITIES, (long)out, sizeof out, 0, 0},
      {KEYCTL_MOVE, key, KEY_SPEC_PROCESS_KEYRING, ring, KEYCTL_MOVE_EXCL},
      {KEYCTL_GET_PERSISTENT, -1, -1, 0, 0},
      {KEYCTL_DH_COMPUTE, 16, (long)out, 64, 0},
      {KEYCTL_RESTRICT_KEYRING, ring, 0, 0, 0},
      {KEYCTL_REVOKE, key, 0, 0, 0},
      {KEYCTL_READ, key, (long)out, sizeof out, 0},
      {KEYCTL_INVALIDATE, key, 0, 0, 0},
      {KEYCTL_CLEAR, ring, 0, 0, 0},
      {KEYCTL_READ, 0x7ffffff0, 16, -1, 0},
      {KEYCTL_JOIN_SESSION_KEYRING, 16, 0, 0, 0},
      {4711, 1, 2, 3, 4},
      {-1, -1, -1, -1, -1},
  };
  for (size_t i = 0; i < COUNT(rows); i++)
    call(SYS_keyctl, rows[i].operation, rows[i].a, rows[i].b, rows[i].c, rows[i].d);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  inChild(run);
}
