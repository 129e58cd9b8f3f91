# SPDX-License-Identifier: Apache-2.0
# make            builds all into $(B)            make check   installs, builds, tests
# make demo       installs, builds, shows it      make bench   what a call costs, against peers
# make deps       installs build and test packages (those of debian/control), fetches ECharts
# make vm         boots whole systems in QEMU, with other kernels, and checks the service there
# make install DESTDIR=...   make uninstall   make format   make tidy   make fuzz   make clean
# SANITIZE=1: by clang, with ASan, UBSan and what the fuzzers want, in a folder of its own.

B      ?= build$(if $(SANITIZE),-sanitize)
# Dependencies are known by the names of what they are of, so that has one name.
override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
# make's own default for CXX is not ours: a sanitized build is clang's, so both compilers see all.
ifeq ($(origin CXX),default)
CXX    := $(if $(SANITIZE),clang++,g++)
endif
CLANG  ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CC     := gcc
V      ?= 0
Q      := $(if $(filter 0,$(V)),@)
say     = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)')

VERSION  := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
# The programs are compiled for both, each time: what breaks one is seen on the other.
ARCH     := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
OTHER_ARCH := $(firstword $(filter-out $(ARCH),x86 arm64))
TRIPLET  := $(shell $(CC) -print-multiarch)

# -g1 is what a backtrace shows, and half of what -g costs to compile; a package is built with -g.
CXXFLAGS ?= $(if $(SANITIZE),-O1,-O2) -g1
CXXFLAGS += -std=c++20 -Wall -Wextra -Werror -fno-omit-frame-pointer
CPPFLAGS += -Idaemon -Ischema -I. -I$(B)/gen -DSWOLL_VERSION='"$(VERSION)"'
ifdef SANITIZE
# clang objects to rapidjson 1.1's offset from a null pointer. Fuzzers link the same objects.
SANITIZERS := -fsanitize=address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined
CXXFLAGS += $(SANITIZERS) -fsanitize=fuzzer-no-link
LDFLAGS  += $(SANITIZERS)
endif

RPC_LIBS  := $(shell pkg-config --libs capnp-rpc 2>/dev/null)
HTTP_LIBS := $(shell pkg-config --libs kj-http prometheus-cpp-core 2>/dev/null)
GRPC_LIBS := $(shell pkg-config --libs grpc++ protobuf 2>/dev/null)
CORE_LIBS := -lyaml-cpp
CTL_LIBS  := $(RPC_LIBS) $(CORE_LIBS) $(shell pkg-config --libs ncursesw 2>/dev/null)
DAEMON_LIBS := $(RPC_LIBS) $(HTTP_LIBS) $(GRPC_LIBS) -lbpf -lsystemd -linih $(CORE_LIBS)

# What there is. A new file in one of these folders is built without a word here. The rooms, which
# need no library but a parser of YAML, are in the order of tests/check/layers.
ROOMS      := base containers event syscall process counts trace hub
ROOM_SRC   := $(foreach room,$(ROOMS),$(shell find daemon/$(room) -name '*.cc' | sort))
WIRE_SRC   := daemon/rpc/convert-event.cc daemon/rpc/convert-spec.cc
SHELL_SRC  := $(filter-out $(ROOM_SRC) $(WIRE_SRC) daemon/main.cc,$(shell find daemon -name '*.cc' | sort))
CTL_SRC    := $(wildcard ctl/*.cc)
CORE_TESTS := $(wildcard tests/core/*-test.cc)
SHELL_TESTS := $(wildcard tests/rpc/*-test.cc)
TOOLS_C    := $(wildcard tests/tools/*.c)
TOOLS_CXX  := $(wildcard tests/tools/*.cc)
# The corpus makes every call of x86-64 by its name there.
CONFORMANCE_C := $(if $(filter x86,$(ARCH)),$(wildcard tests/conformance/*.c))

# clang takes the sources of a folder for one, all.cc, in half the time; that each file includes what it
# needs, the other build shows. (In these two, many files have helpers of the same names.)
ONE_BY_ONE := daemon/syscall/ daemon/syscall/format/
objs       = $(patsubst %.cc,$(B)/obj/%.o,$(1))
singly     = $(foreach file,$(1),$(if $(filter $(ONE_BY_ONE),$(dir $(file))),$(file)))
lumped     = $(call singly,$(1)) $(addsuffix all.cc,$(filter-out $(ONE_BY_ONE),$(sort $(dir $(1)))))
folders    = $(call objs,$(if $(SANITIZE),$(call lumped,$(1)),$(1)))
WIRE_OBJ   := $(call objs,$(WIRE_SRC)) $(B)/gen/swoll.capnp.o
CRI_OBJ    := $(B)/gen/cri.pb.o $(B)/gen/cri.grpc.pb.o
SHELL_OBJ  := $(call folders,$(SHELL_SRC)) $(WIRE_OBJ) $(CRI_OBJ) $(B)/gen/page.o
GENERATED  := $(B)/gen/swoll.capnp.h $(B)/gen/cri.pb.h $(B)/gen/cri.grpc.pb.h $(B)/gen/probe.skel.h

TESTS := $(patsubst tests/%.cc,$(B)/tests/%,$(CORE_TESTS) $(SHELL_TESTS))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(TOOLS_C)) $(patsubst tests/tools/%.cc,$(B)/tools/%,$(TOOLS_CXX))
CONFORMANCE := $(patsubst tests/conformance/%.c,$(B)/conformance/%,$(CONFORMANCE_C))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests tools deps demo check bench install format format-check tidy clean
all: $(B)/swolld $(B)/swollctl $(B)/bpf/probe.$(OTHER_ARCH).o

$(B)/swolld: $(call objs,daemon/main.cc) $(SHELL_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

$(B)/swollctl: $(call folders,$(CTL_SRC)) $(WIRE_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

# (q keeps members of one name, as folders' are.)
$(B)/libcore.a: $(call folders,$(ROOM_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

# The first build needs the generated headers; later ones know by the .d files who includes them.
$(B)/obj/%.o: %.cc Makefile | $(GENERATED)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

in_folder = $(foreach file,$(ROOM_SRC) $(SHELL_SRC) $(CTL_SRC),$(if $(filter $(1)/,$(dir $(file))),$(file)))
$(B)/obj/%/all.o: $(B)/obj/%/all.cc Makefile | $(GENERATED)
	$(call say,CXX,$*/*.cc)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/%/all.cc: FORCE
	$(Q)mkdir -p $(@D) && new=$@.$$$$ && printf '#include "%s"\n' $(call in_folder,$*) > $$new && \
		if cmp -s $$new $@; then rm $$new; else mv $$new $@; fi
.PHONY: FORCE

# What tests do themselves need not be fast, but what they measure.
$(B)/obj/tests/core/%.o $(B)/obj/tests/rpc/%.o: CXXFLAGS += -O1

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
BPF_C = mkdir -p $(@D) && $(CLANG) -g -O2 -Wall -Wextra -Werror -Wno-unused-parameter -target bpf -mcpu=v3 \
	-D__TARGET_ARCH_$(1) -I/usr/include/$(TRIPLET) -Ibpf -MMD -MP -c -o $@ $<
$(B)/bpf/%.bpf.o: %.bpf.c Makefile
	$(call say,BPF,$<)
	$(Q)$(call BPF_C,$(ARCH))
$(B)/bpf/%.$(OTHER_ARCH).o: %.bpf.c Makefile
	$(call say,BPF,$< ($(OTHER_ARCH)))
	$(Q)$(call BPF_C,$(OTHER_ARCH))
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
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(EXTRA_LIBS) $(CORE_LIBS)
$(B)/tests/rpc/%: $(B)/obj/tests/rpc/%.o $(SHELL_OBJ) $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ -lcmocka $(DAEMON_LIBS)
$(B)/tests/core/convert-test: $(WIRE_OBJ)
$(B)/tests/core/convert-test: EXTRA_LIBS = $(RPC_LIBS)
OBSERVER_TESTS := $(addprefix $(B)/tests/core/,observer-test observer-failure-test cri-test resolve-test)
$(OBSERVER_TESTS): $(call folders,$(filter daemon/observer/%,$(SHELL_SRC))) $(CRI_OBJ)
$(OBSERVER_TESTS): EXTRA_LIBS = $(GRPC_LIBS)
$(B)/tests/core/metrics-test: $(call folders,$(filter daemon/metrics/%,$(SHELL_SRC)))
$(B)/tests/core/metrics-test: EXTRA_LIBS = $(HTTP_LIBS)
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

# `make fuzz`: the decoders against any bytes, FUZZ_SECONDS long, from the corpus that is kept. What
# breaks them is left in the folder of the sanitized build.
FUZZ_SECONDS ?= 60
FUZZ := build-sanitize/fuzz
fuzz:
	$(Q)$(MAKE) --no-print-directory $(JOBS) SANITIZE=1 B=build-sanitize $(FUZZ)/record-fuzz
	$(Q)mkdir -p $(FUZZ)/corpus
	$(Q)$(FUZZ)/record-fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=5 -rss_limit_mb=2048 \
		-artifact_prefix=$(FUZZ)/ -print_final_stats=1 $(FUZZ)/corpus tests/fuzz/corpus
# The corpus anew: the fewest of the old and new inputs that reach all that these reach.
fuzz-merge: fuzz
	$(Q)$(FUZZ)/record-fuzz -set_cover_merge=1 -max_len=4096 tests/fuzz/corpus $(FUZZ)/corpus
.PHONY: fuzz fuzz-merge
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(CORE_LIBS)

# What `make bench` measures against.
$(B)/obj/tests/bench/empty-pair.o: $(B)/gen/empty.skel.h
$(B)/tools/empty-pair: $(B)/obj/tests/bench/empty-pair.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ -lbpf

$(B)/tools/bench-plan: $(B)/obj/tests/bench/plan.o $(B)/libcore.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

# debian/control is the one list of packages.
deps:
	$(Q)tests/tools/install-deps
	$(Q)daemon/http/page/fetch-echarts $(ECHARTS)

# make starts anew, in parallel, unless it was told how: packages are there only now, say.
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

# What `make install` puts where: KIND:FILE:PLACE, as systemd/install knows them.
DOC := /usr/share/doc/swoll
INSTALLED := \
	program:$(B)/swolld:/usr/sbin/swolld \
	program:$(B)/swollctl:/usr/bin/swollctl \
	conf:systemd/swolld.conf:/etc/swoll/swolld.conf \
	file:systemd/swolld.service:/lib/systemd/system/swolld.service \
	file:systemd/swolld.socket:/lib/systemd/system/swolld.socket \
	file:systemd/swoll.sysusers:/usr/lib/sysusers.d/swoll.conf \
	file:ctl/swollctl.bash-completion:/usr/share/bash-completion/completions/swollctl \
	file:docs/man/swollctl.1:/usr/share/man/man1/swollctl.1 \
	file:docs/man/swolld.conf.5:/usr/share/man/man5/swolld.conf.5 \
	file:docs/man/swolld.8:/usr/share/man/man8/swolld.8 \
	file:README.md:$(DOC)/README.md \
	file:docs/ARCHITECTURE.md:$(DOC)/ARCHITECTURE.md \
	$(foreach page,$(wildcard docs/internals/*.md),file:$(page):$(DOC)/internals/$(notdir $(page))) \
	file:docs/grafana/swoll.json:$(DOC)/grafana/swoll.json \
	$(foreach rules,$(wildcard docs/prometheus/*.yml),file:$(rules):$(DOC)/prometheus/$(notdir $(rules))) \
	$(if $(wildcard $(ECHARTS)/echarts.mjs),file:$(B)/gen/page/echarts-licence.txt.gz:$(DOC)/echarts-licence.txt.gz)
# Where the programs' symbols go; SYMBOLS= leaves the programs as they are, for a package's own ways.
SYMBOLS ?= /usr/lib/debug
install: all
	$(Q)systemd/install '$(DESTDIR)' '$(SYMBOLS)' $(INSTALLED)
# What users wrote and the daemon keeps stays: an edited configuration, traces.d, /var/lib/swoll.
uninstall:
	$(Q)systemd/install --remove '$(DESTDIR)' '$(SYMBOLS)' $(INSTALLED)
.PHONY: uninstall

# Those that are yet to be committed as well.
SOURCES = $(shell git ls-files -co --exclude-standard '*.cc' '*.h' '*.c')
format:
	$(Q)clang-format -i $(SOURCES)
format-check:
	$(Q)clang-format --dry-run --Werror $(SOURCES)
TIDY = clang-tidy --quiet $< -- $(CPPFLAGS) -std=c++20 2>/dev/null && mkdir -p $(@D) && touch $@
tidy: $(patsubst %.cc,$(B)/tidy/%,$(call lumped,$(ROOM_SRC) $(SHELL_SRC) $(CTL_SRC)) $(WIRE_SRC) daemon/main.cc)
$(B)/tidy/%: %.cc .clang-tidy | $(GENERATED)
	$(call say,TIDY,$<)
	$(Q)$(TIDY)
.SECONDEXPANSION:
$(B)/tidy/%/all: $(B)/obj/%/all.cc $$(call in_folder,$$*) .clang-tidy | $(GENERATED)
	$(call say,TIDY,$*/*.cc)
	$(Q)$(TIDY)

clean:
	rm -rf $(B) build-sanitize

# (Of what the tests keep below $(B), a whole system's root may have files of any name.)
-include $(shell find $(B) \( -path $(B)/live -o -path $(B)/vm \) -prune -o -name '*.d' -type f -print 2>/dev/null)
