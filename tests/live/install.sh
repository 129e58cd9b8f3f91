#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make install` and `make uninstall`: small programs with their symbols beside, and a configuration
# that is its owner's.
# sanitized: no, it looks at files alone
source "$(dirname "$0")/../lib/live.sh"

# What is built is what is installed; nothing is built for it.
make_there() { make -s -C "$ROOT" -o all B="$B" DESTDIR="$T/root" "$@"; }
has_section() { readelf -SW "$1" | grep " $2 " >/dev/null; }
files() { (cd "$T/root" && find . -type f | sort); }

test_programs_are_small_and_have_symbols() {
  make_there install
  local program bytes
  for program in usr/sbin/swolld usr/bin/swollctl; do
    local at=$T/root/$program symbols=$T/root/usr/lib/debug/$program.debug
    bytes=$(stat -c %s "$at")
    ((bytes < 12000000)) || fail "$program has $bytes bytes"
    ! has_section "$at" .debug_line || fail "$program is not stripped"
    assert_match "$(readelf -p .gnu_debuglink "$at")" "${program##*/}\.debug"
    has_section "$symbols" .debug_line || fail "$symbols has no line numbers"
    assert_eq "$(readelf -n "$symbols" | grep 'Build ID')" "$(readelf -n "$at" | grep 'Build ID')" \
      "the symbols' build id"
    "$at" --version | grep "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$ROOT/debian/changelog")" >/dev/null
  done
}

test_an_edited_configuration_stays() {
  local conf=$T/root/etc/swoll/swolld.conf
  make_there install
  assert_eq "$(stat -c %a "$conf")" 640 "the configuration's mode"
  echo '# mine' >>"$conf"
  assert_match "$(make_there install)" "/etc/swoll/swolld.conf is not as it came and stays"
  assert_eq "$(tail -1 "$conf")" '# mine' "the configuration's last line"
  cmp "$ROOT/systemd/swolld.conf" "$conf.new"
  assert_match "$(make_there uninstall)" "/etc/swoll/swolld.conf is not as it came and stays"
  assert_eq "$(files)" ./etc/swoll/swolld.conf "what is left"
}

test_uninstall_leaves_nothing() {
  make_there install
  (($(files | wc -l) > 15)) || fail "installed: $(files)"
  make_there uninstall
  assert_eq "$(files)" "" "files that are left"
  ! find "$T/root" -name swoll | grep . || fail "our folders are left"
}

run_tests
