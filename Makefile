# SPDX-License-Identifier: Apache-2.0
# make            builds all into $(B)            make check   installs, builds, tests
# make demo       installs, builds, shows it      make bench   what a call costs, against peers
# make deps       installs build and test packages (those of debian/control), fetches ECharts
# make vm         boots whole systems in QEMU, with other kernels, and checks the service there
# make install DESTDIR=...   make format   make tidy   make fuzz   make clean
# SANITIZE=1: with ASan and UBSan, in a folder of its own.   CXX=clang++ B=build-clang: with clang.

B      ?= build$(if $(SANITIZE),-sanitize)
# Dependencies are known by the names of what they are of, so that has one name.
override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
CXX    ?= g++
CLANG  ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CC     := gcc
V      ?= 0
Q      := $(if $(filter 0,$(V)),@)
say     = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)')

VERSION  := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
ARCH     := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
TRIPLET  := $(shell $(CC) -print-multiarch)

CXXFLAGS ?= -O2 -g
CXXFLAGS += -std=c++20 -Wall -Wextra -Werror -fno-omit-frame-pointer
CPPFLAGS += -Idaemon -Ischema -I. -I$(B)/gen -DSWOLL_VERSION='"$(VERSION)"'
ifdef SANITIZE
# g++ sees uninitialized values in KJ's headers that are not there once ASan has rewritten them;
# clang objects to rapidjson 1.1's offset from a null pointer.
CXXFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-maybe-uninitialized
CXXFLAGS += $(if $(findstring clang,$(CXX)),-fno-sanitize=pointer-overflow)
LDFLAGS  += -fsanitize=address,undefined
endif

RPC_LIBS  := $(shell pkg-config --libs capnp-rpc 2>/dev/null)
HTTP_LIBS := $(shell pkg-config --libs kj-http prometheus-cpp-core 2>/dev/null)
GRPC_LIBS := $(shell pkg-config --libs grpc++ protobuf 2>/dev/null)
CTL_LIBS  := $(RPC_LIBS) -lyaml-cpp $(shell pkg-config --libs ncursesw 2>/dev/null)
DAEMON_LIBS := $(RPC_LIBS) $(HTTP_LIBS) $(GRPC_LIBS) -lbpf -lsystemd -linih -lyaml-cpp

# What there is. A new file in one of these folders is built without a word here.
CORE_SRC   := $(wildcard daemon/core/*.cc)
WIRE_SRC   := daemon/rpc/convert-event.cc daemon/rpc/convert-spec.cc
YAML_SRC   := daemon/spec/trace-yaml.cc daemon/spec/yaml-node.cc daemon/spec/trace-files.cc
SHELL_SRC  := $(filter-out $(WIRE_SRC),$(wildcard daemon/probe/*.cc daemon/observer/*.cc daemon/sinks/*.cc daemon/spec/*.cc daemon/rpc/*.cc daemon/http/*.cc daemon/service/*.cc daemon/app/*.cc))
CTL_SRC    := $(wildcard ctl/*.cc)
CORE_TESTS := $(wildcard tests/core/*-test.cc)
SHELL_TESTS := $(wildcard tests/rpc/*-test.cc)
TOOLS_C    := $(wildcard tests/tools/*.c)
TOOLS_CXX  := $(wildcard tests/tools/*.cc)
# The corpus makes every call of x86-64 by its name there.
CONFORMANCE_C := $(if $(filter x86,$(ARCH)),$(wildcard tests/conformance/*.c))

objs       = $(patsubst %.cc,$(B)/obj/%.o,$(1))
CORE_OBJ   := $(call objs,$(CORE_SRC))
WIRE_OBJ   := $(call objs,$(WIRE_SRC)) $(B)/gen/swoll.capnp.o
CRI_OBJ    := $(B)/gen/cri.pb.o $(B)/gen/cri.grpc.pb.o
SHELL_OBJ  := $(call objs,$(SHELL_SRC)) $(WIRE_OBJ) $(CRI_OBJ) $(B)/gen/page.o
GENERATED  := $(B)/gen/swoll.capnp.h $(B)/gen/cri.pb.h $(B)/gen/cri.grpc.pb.h $(B)/gen/probe.skel.h

TESTS := $(patsubst tests/%.cc,$(B)/tests/%,$(CORE_TESTS) $(SHELL_TESTS))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(TOOLS_C)) $(patsubst tests/tools/%.cc,$(B)/tools/%,$(TOOLS_CXX))
CONFORMANCE := $(patsubst tests/conformance/%.c,$(B)/conformance/%,$(CONFORMANCE_C))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests tools deps demo check bench install format format-check tidy clean
all: $(B)/swolld $(B)/swollctl

$(B)/swolld: $(call objs,daemon/main.cc) $(SHELL_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

$(B)/swollctl: $(call objs,$(CTL_SRC) $(YAML_SRC)) $(WIRE_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

$(B)/libcore.a: $(CORE_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# The first build needs the generated headers; later ones know by the .d files who includes them.
$(B)/obj/%.o: %.cc Makefile | $(GENERATED)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Generated code is held to the compiler's rules, not to ours.
$(B)/gen/%.o: $(B)/gen/%.cc | $(GENERATED)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -w -O1 -MMD -MP -c -o $@ $<
$(B)/gen/swoll.capnp.o: $(B)/gen/swoll.capnp.h
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -w -x c++ -c -o $@ $(B)/gen/swoll.capnp.c++

$(B)/gen/swoll.capnp.h: schema/swoll.capnp
	$(call say,CAPNP,$<)
	$(Q)mkdir -p $(@D) && capnp compile -oc++:$(@D) --src-prefix=schema $<
$(B)/gen/cri.pb.h $(B)/gen/cri.pb.cc &: schema/cri.proto
	$(call say,PROTOC,$<)
	$(Q)mkdir -p $(B)/gen && protoc -Ischema --cpp_out=$(B)/gen cri.proto
$(B)/gen/cri.grpc.pb.h $(B)/gen/cri.grpc.pb.cc &: schema/cri.proto
	$(call say,GRPC,$<)
	$(Q)mkdir -p $(B)/gen && protoc -Ischema --grpc_out=$(B)/gen --plugin=protoc-gen-grpc=$$(command -v grpc_cpp_plugin) cri.proto

vpath %.bpf.c bpf tests/bench
$(B)/bpf/%.bpf.o: %.bpf.c Makefile
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D) && $(CLANG) -g -O2 -Wall -Wextra -Werror -Wno-unused-parameter -target bpf -mcpu=v3 \
		-D__TARGET_ARCH_$(ARCH) -I/usr/include/$(TRIPLET) -Ibpf -MMD -MP -c -o $@ $<
$(B)/gen/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)mkdir -p $(@D) && $(BPFTOOL) gen skeleton $< name $* > $@

# The page of /metrics/charts, in the binary. Its charts are drawn by ECharts, which `make deps` has
# fetched; without it the page is built all the same and shows tables alone.
ECHARTS    := build-echarts
PAGE_FILES := $(wildcard daemon/http/page/*.html daemon/http/page/*.css daemon/http/page/*.js daemon/http/page/*.svg)
PAGE_FILES += $(wildcard $(ECHARTS)/echarts.mjs $(ECHARTS)/echarts-licence.txt)
PAGE_GZ    := $(patsubst %,$(B)/gen/page/%.gz,$(notdir $(PAGE_FILES)))
vpath %.html daemon/http/page
vpath %.css daemon/http/page
vpath %.js daemon/http/page
vpath %.svg daemon/http/page
vpath %.mjs $(ECHARTS)
vpath %.txt $(ECHARTS)
$(B)/gen/page/%.gz: %
	$(Q)mkdir -p $(@D) && gzip -9nc $< > $@
$(B)/gen/page.o: $(PAGE_GZ) daemon/http/page/embed Makefile
	$(call say,PAGE,$(if $(wildcard $(ECHARTS)/echarts.mjs),$@,$@: without charts: no ECharts here (make deps)))
	$(Q)daemon/http/page/embed $(PAGE_GZ) > $(B)/gen/page.S && $(CC) -c -o $@ $(B)/gen/page.S

# Programs that run where there is nothing else.
STATIC_C = mkdir -p $(@D) && $(CC) -O1 -g -Wall -Wextra -Werror -static -pthread -MMD -MP -o $@ $<

# Tests. Those of the core link nothing else, unless they name an object below.
tests: $(TESTS) tools $(CONFORMANCE)
tools: $(TOOLS)
$(B)/tests/core/%: $(B)/obj/tests/core/%.o $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(EXTRA_LIBS)
$(B)/tests/rpc/%: $(B)/obj/tests/rpc/%.o $(SHELL_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ -lcmocka $(DAEMON_LIBS)
$(B)/tests/core/convert-test: $(WIRE_OBJ)
$(B)/tests/core/convert-test: EXTRA_LIBS = $(RPC_LIBS)
OBSERVER_TESTS := $(addprefix $(B)/tests/core/,observer-test observer-failure-test cri-test resolve-test)
$(OBSERVER_TESTS): $(call objs,$(wildcard daemon/observer/*.cc)) $(CRI_OBJ)
$(OBSERVER_TESTS): EXTRA_LIBS = $(GRPC_LIBS)
$(B)/tests/core/metrics-test: $(call objs,$(wildcard daemon/http/*families.cc))
$(B)/tests/core/metrics-test: EXTRA_LIBS = $(HTTP_LIBS)
$(B)/tests/core/trace-yaml-test: $(call objs,$(YAML_SRC))
$(B)/tests/core/trace-yaml-test: EXTRA_LIBS = -lyaml-cpp
$(B)/tests/core/top-test: $(call objs,$(addprefix ctl/,tally.cc call-row.cc rates.cc top-view.cc))
$(B)/tools/%: tests/tools/%.c
	$(call say,CC,$@)
	$(Q)$(STATIC_C)
$(B)/conformance/%: tests/conformance/%.c
	$(call say,CC,$@)
	$(Q)$(STATIC_C)
$(B)/tools/cri-pod: $(B)/obj/tests/tools/cri-pod.o $(CRI_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ $(GRPC_LIBS)

# `make fuzz`: the decoders against any bytes, FUZZ_SECONDS long, from the corpus that is kept. The
# core is built for it by clang, in a folder of its own. What breaks it is left in that folder.
FUZZ_SECONDS ?= 60
FUZZ := build-fuzz
FUZZ_FLAGS := -std=c++20 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined
fuzz: $(FUZZ)/record-fuzz
	$(Q)mkdir -p $(FUZZ)/corpus
	$(Q)$(FUZZ)/record-fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=5 -rss_limit_mb=2048 \
		-artifact_prefix=$(FUZZ)/ -print_final_stats=1 $(FUZZ)/corpus tests/fuzz/corpus
# The corpus anew: the fewest of the old and new inputs that reach all that these reach.
fuzz-merge: $(FUZZ)/record-fuzz
	$(Q)$(FUZZ)/record-fuzz -set_cover_merge=1 -max_len=4096 tests/fuzz/corpus $(FUZZ)/corpus
.PHONY: fuzz fuzz-merge
$(FUZZ)/obj/%.o: %.cc Makefile
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D) && clang++ $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$(FUZZ)/record-fuzz: $(patsubst %.cc,$(FUZZ)/obj/%.o,$(CORE_SRC) tests/fuzz/record-fuzz.cc)
	$(call say,LINK,$@)
	$(Q)clang++ $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^

# What `make bench` measures against.
$(B)/obj/tests/bench/empty-pair.o: $(B)/gen/empty.skel.h
$(B)/tools/empty-pair: $(B)/obj/tests/bench/empty-pair.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ -lbpf

$(B)/tools/bench-plan: $(B)/obj/tests/bench/plan.o $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^

# debian/control is the one list of packages.
deps:
	$(Q)tests/tools/install-deps
	$(Q)daemon/http/page/fetch-echarts $(ECHARTS)

# The packages are there only now, so make starts anew; in parallel, unless it was told how.
JOBS = $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))
demo check bench: deps
	$(Q)$(MAKE) --no-print-directory $(JOBS) run-$@
.PHONY: run-demo run-check run-bench
# BPF wants root; building does not.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
run-check: all tests
	$(Q)$(AS_ROOT) env B=$(B) CI=$(CI) tests/run
# What it takes beside the list, which is of what `make check` needs. VM=bookworm: that one alone.
VM_PACKAGES := qemu-system-x86 mmdebstrap e2fsprogs dpkg-dev debhelper fakeroot
vm: deps
	$(Q)tests/tools/install-deps $(VM_PACKAGES)
	$(Q)$(MAKE) --no-print-directory $(JOBS) run-vm
.PHONY: vm run-vm
run-vm: all tools
	$(Q)$(AS_ROOT) env B=$(B) CI=$(CI) tests/vm/run $(VM)
run-demo: all tools
	$(Q)$(AS_ROOT) env B=$(B) tests/demo
run-bench: all tests $(B)/tools/empty-pair $(B)/tools/bench-plan
	$(Q)$(AS_ROOT) env B=$(B) tests/bench/run

install: all
	install -Dm755 $(B)/swolld $(DESTDIR)/usr/sbin/swolld
	install -Dm755 $(B)/swollctl $(DESTDIR)/usr/bin/swollctl
	install -Dm644 ctl/swollctl.bash-completion $(DESTDIR)/usr/share/bash-completion/completions/swollctl
	install -Dm644 systemd/swolld.service $(DESTDIR)/lib/systemd/system/swolld.service
	install -Dm644 systemd/swolld.socket $(DESTDIR)/lib/systemd/system/swolld.socket
	install -Dm644 systemd/swoll.sysusers $(DESTDIR)/usr/lib/sysusers.d/swoll.conf
	install -Dm640 systemd/swolld.conf $(DESTDIR)/etc/swoll/swolld.conf
	install -Dm644 README.md $(DESTDIR)/usr/share/doc/swoll/README.md
	install -Dm644 docs/ARCHITECTURE.md $(DESTDIR)/usr/share/doc/swoll/ARCHITECTURE.md
	install -Dm644 docs/man/swollctl.1 $(DESTDIR)/usr/share/man/man1/swollctl.1
	install -Dm644 docs/man/swolld.conf.5 $(DESTDIR)/usr/share/man/man5/swolld.conf.5
	install -Dm644 docs/man/swolld.8 $(DESTDIR)/usr/share/man/man8/swolld.8
	install -Dm644 -t $(DESTDIR)/usr/share/doc/swoll/prometheus docs/prometheus/*.yml
	install -Dm644 -t $(DESTDIR)/usr/share/doc/swoll/grafana docs/grafana/swoll.json
	$(foreach licence,$(wildcard $(B)/gen/page/echarts-licence.txt.gz),install -Dm644 $(licence) $(DESTDIR)/usr/share/doc/swoll/$(notdir $(licence)))

# Those that are yet to be committed as well.
SOURCES = $(shell git ls-files -co --exclude-standard '*.cc' '*.h' '*.c')
format:
	$(Q)clang-format -i $(SOURCES)
format-check:
	$(Q)clang-format --dry-run --Werror $(SOURCES)
tidy: $(GENERATED)
	$(Q)clang-tidy --quiet $(CORE_SRC) $(SHELL_SRC) $(CTL_SRC) -- $(CPPFLAGS) -std=c++20

clean:
	rm -rf $(B) $(FUZZ)

# (Of what the tests keep below $(B), a whole system's root may have files of any name.)
-include $(shell find $(B) $(FUZZ) \( -path $(B)/live -o -path $(B)/vm \) -prune -o -name '*.d' -type f -print 2>/dev/null)
