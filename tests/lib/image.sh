# SPDX-License-Identifier: Apache-2.0
# Sourced by containerd.sh: makes a container image from this machine's static busybox, since the
# machines that run the tests reach no registry.

# make_image FILE NAME...: writes a docker-archive with one layer, tagged with each NAME. Its
# default command sleeps, which is all that a pod's sandbox needs to do.
make_image() {
  local file=$1 work layer name tags arch
  shift
  work=$(mktemp -d "$TMP/image.XXXXXX")
  mkdir -p "$work"/root/{bin,dev,etc,proc,root,sys,tmp,tools,work}
  cp "$(command -v busybox)" "$work/root/bin/busybox"
  for name in sh sleep cat echo ls true false id kill; do
    ln -s busybox "$work/root/bin/$name"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$work/root/etc/passwd"
  echo 'swoll test' >"$work/root/etc/motd"
  tar -C "$work/root" --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" .
  layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=$(uname -m) ;;
  esac
  jq -n --arg arch "$arch" --arg layer "sha256:$layer" '{
    architecture: $arch, os: "linux",
    config: {Cmd: ["/bin/sleep", "1000000"], Env: ["PATH=/bin"]},
    rootfs: {type: "layers", diff_ids: [$layer]}}' >"$work/config.json"
  tags=$(jq -n '$ARGS.positional' --args "$@")
  jq -n --argjson tags "$tags" \
    '[{Config: "config.json", RepoTags: $tags, Layers: ["layer.tar"]}]' >"$work/manifest.json"
  tar -C "$work" -cf "$file" manifest.json config.json layer.tar
  rm -rf "$work"
}
