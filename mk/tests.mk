# Everything `make test` runs. A group is one target; tests/run.sh counts what it printed.

# ---- style ------------------------------------------------------------------------------------
$(B)/tests/tidy/tidy: $(patsubst %.c,$(B)/%.o,$(wildcard tests/tidy/*.c))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

tidy: $(B)/tests/tidy/tidy ## check the house style, and that each rule catches its bad sample
	$(Q)$< --samples tests/tidy/samples && $< .

fmt: ## format the C sources (needs clang-format)
	$(Q)git ls-files '*.c' '*.h' | grep -v '^tests/tidy/samples/' | xargs clang-format -i

# ---- fuzz targets -----------------------------------------------------------------------------
# tests/fuzz/fuzz_NAME.c is one libFuzzer target; its corpus is tests/corpus/NAME. gcc has no libFuzzer, so
# `make test` replays the corpora through tests/fuzz/replay.c, and `make fuzz` looks for more with clang.
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIBS = $(LIB_ENGINE) $(LIB_AGENT) $(LIB_PEER) $(LIB_CONTROL) $(LIB_WIRE) $(LIB_CODEC) $(LIB_SUPERVISOR) $(LIB_BASE)
FUZZ_SYS = $(LIBS_ENGINE) $(LIBS_CONTROL) $(LIBS_AGENT)
FUZZ_LIBS_config = $(LIB_BASE)

define fuzz_target
$(B)/tests/replay/$(1): $(B)/tests/fuzz/fuzz_$(1).o $(B)/tests/fuzz/replay.o $(or $(FUZZ_LIBS_$(1)),$(FUZZ_LIBS))
$(B)/tests/fuzzer/$(1): $(B)/tests/fuzz/fuzz_$(1).o $(or $(FUZZ_LIBS_$(1)),$(FUZZ_LIBS))
endef
$(foreach n,$(FUZZ_NAMES),$(eval $(call fuzz_target,$(n))))

$(B)/tests/replay/%:
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(FUZZ_SYS)
$(B)/tests/fuzzer/%:
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(FUZZ_SYS)

replay: $(FUZZ_NAMES:%=$(B)/tests/replay/%) ## feed every fuzz corpus to its target
	@status=0; for n in $(FUZZ_NAMES); do $(B)/tests/replay/$$n tests/corpus/$$n || status=1; done; exit $$status

T ?= config
S ?= 60
fuzz: ## search with clang's libFuzzer: make fuzz T=name S=seconds
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz B=build/fuzz build/fuzz/tests/fuzzer/$(T)
	$(Q)mkdir -p build/fuzz/corpus/$(T)
	$(Q)build/fuzz/tests/fuzzer/$(T) -max_total_time=$(S) -artifact_prefix=build/fuzz/$(T)- \
		build/fuzz/corpus/$(T) tests/corpus/$(T)

# ---- sanitizers -------------------------------------------------------------------------------
ASAN_B = $(if $(filter command%,$(origin B)),$(B)-asan,build/asan)
asan: ## build with ASan and UBSan and run unit, dsp, simulation and corpora
	$(Q)$(MAKE) --no-print-directory -s -j$(JOBS) CONFIG=asan B=$(ASAN_B) test-programs
	$(Q)$(MAKE) --no-print-directory -s -k CONFIG=asan B=$(ASAN_B) SIM_SEEDS=50 unit dsp sim replay

# ---- real processes ---------------------------------------------------------------------------
e2e: all ## scripts that drive the real programs (tests/e2e)
	@status=0; for s in $(filter-out %/lib.sh,$(wildcard tests/e2e/*.sh)); do B=$(B) $$s || status=1; done; exit $$status

browser: all wasm console browser-deps $(B)/causeway-bench-control ## a person's way: Chromium against `make run`
	@status=0; for t in $(wildcard tests/browser/*.test.mjs); do node --test $$t || status=1; done; exit $$status

browser-asan: all wasm console browser-deps ## the session test against programs built with ASan and UBSan
	$(Q)$(MAKE) --no-print-directory -s CONFIG=asan all
	$(Q)CAUSEWAY_MAKE_ARGUMENTS=CONFIG=asan node --test tests/browser/session.test.mjs

# ---- all of it --------------------------------------------------------------------------------
test-programs: $(UNIT_TESTS) $(DSP_CHECKS) $(B)/causeway-sim $(B)/tests/interop/server \
	$(FUZZ_NAMES:%=$(B)/tests/replay/%)

TEST_GROUPS ?= tidy unit dsp sim replay replay-msan interop test-wasm console-test asan e2e crash durable browser browser-asan
test: deps ## set up and run every test; the last line counts them
	$(Q)$(MAKE) --no-print-directory -s -j$(JOBS) all wasm console
	@# A test program that does not build fails its group below, and not the groups beside it.
	-@$(MAKE) --no-print-directory -s -k -j$(JOBS) test-programs
	$(Q)MAKE='$(MAKE)' tests/run.sh $(TEST_GROUPS)

.PHONY: tidy fmt replay test-programs fuzz asan e2e browser browser-asan test
