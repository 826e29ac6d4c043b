# Causeway: one non-recursive Makefile.
#
# CONFIG=release (default) or asan picks build/$(CONFIG); V=1 shows whole commands.
# Sources are found by folder, so a new file in a folder is built without an edit here.

CONFIG ?= release
V ?= 0
CC = gcc
B = build/$(CONFIG)
JOBS = $(shell nproc)
Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-7s %s\n' $(1) $(2))

.DEFAULT_GOAL := all
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

WARNINGS = -Wall -Wextra -Werror -Wshadow -Wconversion -Wcast-qual -Wformat=2 -Wundef -Wvla -Walloca \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wswitch-enum \
	-Wimplicit-fallthrough -Wpointer-arith -Wwrite-strings -Wnull-dereference \
	-Wframe-larger-than=16384 -Wlogical-op -Wduplicated-cond -Wcast-align=strict
# The agent also builds for arm64, without the x86 kernels and flags.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
HARDENING_x86_64 = -fcf-protection=full
HARDENING = -fno-common -fno-strict-aliasing -fno-omit-frame-pointer -fstack-protector-strong \
	-fstack-clash-protection $(HARDENING_$(MACHINE)) -ftrivial-auto-var-init=zero -fPIE
CFLAGS_release = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS_asan = -O1 -g -DCW_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-null-dereference
LDFLAGS_release = -Wl,-z,relro,-z,now,-z,noexecstack
LDFLAGS_asan = -fsanitize=address,undefined
ifeq ($(CONFIG),fuzz)
# clang, for its libFuzzer; it does not know all of gcc's options, and gcc's warnings have been seen.
CC = clang
WARNINGS = -Wall
HARDENING = -fno-common -fno-strict-aliasing -fno-omit-frame-pointer -fPIE
CFLAGS_fuzz = -O1 -g -DCW_DEBUG -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz = -fsanitize=address,undefined
endif
CPPFLAGS = -I. -I$(B)/gen -D_GNU_SOURCE
CFLAGS = -std=c17 $(WARNINGS) $(HARDENING) $(CFLAGS_$(CONFIG))
LDFLAGS = -pie $(LDFLAGS_$(CONFIG))

c_in = $(filter-out %/main.c,$(wildcard $(addsuffix /*.c,$(1))))
objects = $(patsubst %.c,$(B)/%.o,$(1))

# ---- libraries: one archive a folder, so tests link what ships -------------------------------
BASE_SRC := $(call c_in,engine/base)
WIRE_SRC := $(call c_in,engine/wire)
ENGINE_SRC := $(call c_in,engine)
CODEC_SRC := $(call c_in,codec $(if $(filter x86_64,$(MACHINE)),codec/x86))
CONTROL_SRC := $(call c_in,control control/account control/api control/audit control/backup control/button control/canned \
	control/front control/jump control/link control/outbox control/policy control/portal control/queue control/report \
	control/session control/store control/team)
PEER_SRC := $(call c_in,clients/peer)
AGENT_SRC := $(call c_in,clients/agent)
SUPERVISOR_SRC := $(call c_in,engine/supervisor)
LOAD_SRC := $(call c_in,bench/load)
CTL_SRC := $(call c_in,control/ctl)

LIB_BASE = $(B)/libbase.a
LIB_WIRE = $(B)/libwire.a
LIB_ENGINE = $(B)/libengine.a
LIB_CODEC = $(B)/libcodec.a
LIB_CONTROL = $(B)/libcontrol.a
LIB_PEER = $(B)/libpeer.a
LIB_AGENT = $(B)/libagent.a
LIB_SUPERVISOR = $(B)/libsupervisor.a
LIB_LOAD = $(B)/libload.a
LIB_CTL = $(B)/libctl.a

$(LIB_BASE): $(call objects,$(BASE_SRC))
$(LIB_WIRE): $(call objects,$(WIRE_SRC))
$(LIB_ENGINE): $(call objects,$(ENGINE_SRC))
$(LIB_CODEC): $(call objects,$(CODEC_SRC))
$(LIB_CONTROL): $(call objects,$(CONTROL_SRC))
$(LIB_PEER): $(call objects,$(PEER_SRC))
$(LIB_AGENT): $(call objects,$(AGENT_SRC))
$(LIB_SUPERVISOR): $(call objects,$(SUPERVISOR_SRC))
$(LIB_LOAD): $(call objects,$(LOAD_SRC))
$(LIB_CTL): $(call objects,$(CTL_SRC))

$(B)/lib%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# ISA flags on their own files only.
# Loops over arrays of vectors must become straight code.
$(B)/codec/x86/text_%.o: CFLAGS += -O3
$(B)/codec/text_bands.o: CFLAGS += $(if $(filter release,$(CONFIG)),-O3)
$(B)/codec/x86/%_sse41.o: CFLAGS += -msse4.1
$(B)/codec/x86/%_avx2.o: CFLAGS += -mavx2 -mbmi2
$(B)/codec/x86/%_avx512.o: CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mbmi2
# Their loops over a constant table have to be unrolled.
$(B)/codec/x86/moving_%.o: CFLAGS += $(if $(filter release,$(CONFIG)),-O3)

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# A change of flags rebuilds everything.
$(B)/flags: FORCE
	@mkdir -p $(B) && echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' > $@
FORCE:

# ---- programs ---------------------------------------------------------------------------------
LIBS_ENGINE = -luring -lssl -lcrypto -lIPSec_MB -lsodium -lpthread
LIBS_CONTROL = -lmicrohttpd -ljansson -lsqlite3 -largon2 -lfido2 -lcrypto -lsodium -lpthread
LIBS_COURIER = -lcurl -ljansson -lcrypto -lsodium
LIBS_CTL = -ljansson -ledit
LIBS_CODEC = -lzstd
LIBS_AGENT = -lX11 -lXext -lXdamage -lXfixes -lXrandr -lXtst -lXss -lXft -lfontconfig -lfreetype -lz -lssl -lcrypto -lzstd -lpthread
CPPFLAGS_AGENT := -I/usr/include/freetype2
$(B)/clients/agent/%.o: CPPFLAGS += $(CPPFLAGS_AGENT)

PROGRAMS = $(foreach p,$(PROGRAM_NAMES),$(B)/$(p))
PROGRAM_NAMES = causeway-engine causeway-supervisor causeway-control causeway-courier causewayctl causeway-store causeway-client causeway-codec causeway-load

link = $(call say,LD,$@) 
LINK = $(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

$(B)/causeway-engine: $(B)/engine/main.o $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_ENGINE)
$(B)/causeway-supervisor: $(B)/engine/supervisor/main.o $(LIB_SUPERVISOR) $(LIB_BASE)
	$(link)
	$(LINK)
$(B)/causeway-control: $(B)/control/main.o $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_CONTROL)
$(B)/causeway-courier: $(call objects,$(wildcard control/courier/*.c)) $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_COURIER)
$(B)/causewayctl: $(B)/control/ctl/main.o $(LIB_CTL) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_CTL)
$(B)/causeway-store: $(B)/control/tool/main.o $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_CONTROL)
$(B)/causeway-client: $(B)/clients/agent/main.o $(LIB_AGENT) $(LIB_PEER) $(LIB_WIRE) $(LIB_CODEC) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_AGENT)
$(B)/causeway-codec: $(call objects,$(wildcard codec/tool/*.c)) $(LIB_CODEC)
	$(link)
	$(LINK) $(LIBS_CODEC) -lm

all: $(PROGRAMS) ## build every program

# ---- tests ------------------------------------------------------------------------------------
# tests/unit/AREA/test_NAME.c is one cmocka program, linked with what AREA may use.
UNIT_LIBS_base = $(LIB_BASE)
UNIT_LIBS_wire = $(LIB_WIRE) $(LIB_BASE)
UNIT_LIBS_engine = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
UNIT_LIBS_codec = $(LIB_CODEC)
UNIT_LIBS_ctl = $(LIB_CTL) $(LIB_BASE)
UNIT_LIBS_control = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
UNIT_LIBS_agent = $(LIB_AGENT) $(LIB_PEER) $(LIB_WIRE) $(LIB_CODEC) $(LIB_BASE)
UNIT_LIBS_supervisor = $(LIB_SUPERVISOR) $(LIB_BASE)
UNIT_LIBS_load = $(LIB_LOAD) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
UNIT_SYS_base = -lpthread
UNIT_SYS_wire = -lcrypto -lsodium
UNIT_SYS_engine = $(LIBS_ENGINE)
UNIT_SYS_codec = $(LIBS_CODEC) -lcrypto -ljpeg
UNIT_SYS_ctl = $(LIBS_CTL)
UNIT_SYS_control = $(LIBS_CONTROL)
UNIT_SYS_agent = $(LIBS_AGENT) -lsodium
UNIT_SYS_load = $(LIBS_LOAD)

define unit_area
UNIT_TESTS_$(1) := $$(patsubst %.c,$$(B)/%,$$(wildcard tests/unit/$(1)/test_*.c))
$$(UNIT_TESTS_$(1)): $$(B)/%: $$(B)/%.o $$(UNIT_LIBS_$(1))
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(UNIT_SYS_$(1)) -lcmocka
UNIT_TESTS += $$(UNIT_TESTS_$(1))
endef
$(foreach a,base wire engine codec control ctl agent supervisor load,$(eval $(call unit_area,$(a))))

unit: $(UNIT_TESTS) ## run the unit tests of this CONFIG
	@status=0; for t in $(UNIT_TESTS); do $$t > $$t.log 2>&1 || { cat $$t.log; echo "FAILED: $$t"; status=1; }; \
		grep -h '  PASSED  ' $$t.log | sed "s|^|$$(basename $$t) |"; done; exit $$status

-include mk/*.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit FORCE
