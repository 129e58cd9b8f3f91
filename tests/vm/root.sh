# SPDX-License-Identifier: Apache-2.0
# Sourced by tests/vm/run: makes a system's disk, from the package archive that this machine itself
# uses. Downloaded roots are kept in $VM until what is wanted of them changes.

# What the checks need of a system beside swolld's own dependencies.
ROOT_PACKAGES=(systemd systemd-sysv dbus udev kmod zstd containerd runc jq procps)

# What is built here is linked with the libraries of this release.
RELEASE=$(. /etc/os-release && echo "$VERSION_CODENAME")

# The archive's address, of this machine's own release.
archive() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v release="$RELEASE" '$2 == release { print $1; exit }'
}

# make_root SUITE KERNEL EXTRA...: a root of SUITE with KERNEL's kernel; sets TAR.
make_root() {
  local suite=$1 kernel=$2 uri packages sources wanted
  shift 2
  TAR=$VM/$suite-$kernel.tar
  packages=("${ROOT_PACKAGES[@]}" "linux-image-cloud-amd64/$kernel" "$@")
  wanted="$suite $kernel ${packages[*]}"
  [[ ! -e $TAR || $(cat "$TAR.made-of" 2>/dev/null) != "$wanted" ]] || return 0
  uri=$(archive)
  [[ -n $uri ]] || { echo "this machine's apt names no archive of its release"; return 1; }
  sources=("deb $uri $suite main")
  [[ $kernel == "$suite" ]] || sources+=("deb $uri $kernel main")
  TMPDIR=$TMP mmdebstrap --quiet --format=tar --variant=minbase --include="$(IFS=, && echo "${packages[*]}")" \
    "$suite" "$TAR.new" "${sources[@]}" || return 1
  mv "$TAR.new" "$TAR"
  echo "$wanted" >"$TAR.made-of"
}

# make_package: the Debian package, of what is built already; sets DEB.
make_package() {
  local tree=$TMP/package/swoll
  [[ -z ${DEB-} ]] || return 0
  mkdir -p "$tree"
  git -C "$ROOT" ls-files | tar -C "$ROOT" -cf - -T - | tar -C "$tree" -xf - || return 1
  (cd "$tree" && B=$B DEB_BUILD_OPTIONS="noautodbgsym nocheck" dpkg-buildpackage -us -uc -b -nc -d) ||
    return 1
  DEB=$(echo "$TMP"/package/*.deb)
  [[ -e $DEB ]]
}

libraries() { ldd "$SWOLLD" "$SWOLLCTL" "$TOOLS/cri-pod" | awk '/=> \// { print $3 }' | sort -u; }
# The packages that what is built here depends on, by the package's own word.
dependencies() { dpkg-deb -f "$DEB" Depends | tr ',' '\n' | awk '{ print $1 }'; }

# Where swolld's libraries are other versions than the ones it was linked with here: those that the
# system lacks, in a folder of their own.
add_libraries() {
  local root=$1 library
  mkdir -p "$root/opt/swoll/lib" "$root/etc/systemd/system/swolld.service.d"
  for library in $(libraries); do
    [[ -e $root/usr/lib/x86_64-linux-gnu/${library##*/} || -e $root/usr/lib64/${library##*/} ]] ||
      cp -L "$library" "$root/opt/swoll/lib/"
  done
  printf '[Service]\nEnvironment=LD_LIBRARY_PATH=/opt/swoll/lib\n' \
    >"$root/etc/systemd/system/swolld.service.d/libraries.conf"
}

# The checks, with what they need of this tree, and the unit that runs them.
add_checks() {
  local root=$1 expect=$2 how=$3 cgroups=$4
  mkdir -p "$root/opt/swoll/tests/vm" "$root/opt/swoll/build" "$root/etc/containerd"
  cp -r "$ROOT/tests/lib" "$root/opt/swoll/tests/"
  cp "$ROOT/tests/vm/guest" "$root/opt/swoll/tests/vm/"
  cp -r "$TOOLS" "$root/opt/swoll/build/"
  make_image "$root/opt/swoll/image.tar" localhost/swoll-test:1 localhost/swoll-pause:1 || return 1
  cp "$ROOT/tests/vm/containerd.toml" "$root/etc/containerd/config.toml"
  cp "$ROOT/tests/vm/swoll-checks.service" "$root/etc/systemd/system/"
  printf '%s\n' "EXPECT=$expect" "HOW=$how" "CGROUPS=$cgroups" >"$root/opt/swoll/environment"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -s ../swoll-checks.service "$root/etc/systemd/system/multi-user.target.wants/"
  ln -s /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
  : >"$root/etc/machine-id"
  echo swoll-vm >"$root/etc/hostname"
  [[ -e $root/etc/hosts ]] || echo '127.0.0.1 localhost' >"$root/etc/hosts" # CRI's pods get a copy
  [[ -e $root/etc/resolv.conf ]] || : >"$root/etc/resolv.conf"
}

# make_disk NAME SUITE KERNEL HOW EXPECT CGROUPS: $TMP/NAME.ext4, .kernel and .initrd. (Errors are answers
# here, one by one: who calls this in a condition has no errexit within it.)
make_disk() {
  local name=$1 suite=$2 kernel=$3 how=$4 expect=$5 cgroups=$6 root=$TMP/$1.root extra=()
  make_package || return 1
  [[ $suite != "$RELEASE" ]] || mapfile -t extra < <(dependencies | sort -u)
  make_root "$suite" "$kernel" "${extra[@]}" || return 1
  mkdir -p "$root"
  tar -C "$root" -xf "$TAR" || return 1
  cp "$root"/boot/vmlinuz-* "$TMP/$name.kernel" && cp "$root"/boot/initrd.img-* "$TMP/$name.initrd" || return 1
  add_checks "$root" "$expect" "$how" "$cgroups" || return 1
  if [[ $how == package ]]; then
    cp "$DEB" "$root/opt/swoll/swoll.deb" || return 1
  else
    make -C "$ROOT" B="$B" install DESTDIR="$root" || return 1
  fi
  [[ $suite == "$RELEASE" ]] || add_libraries "$root" || return 1
  mke2fs -q -t ext4 -d "$root" "$TMP/$name.ext4" 3G && rm -rf "$root"
}
