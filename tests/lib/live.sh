# SPDX-License-Identifier: Apache-2.0
# What every live test sources; containerd.sh and journald.sh come on top where they are needed.

LIB=$(dirname "${BASH_SOURCE[0]}")
source "$LIB/env.sh"
source "$LIB/tap.sh"
source "$LIB/swoll.sh"
source "$LIB/bare.sh"

[[ $EUID == 0 ]] || {
  test_root() { skip "live tests need root"; }
  run_tests test_root
  exit
}
