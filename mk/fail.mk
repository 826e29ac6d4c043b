# What must survive: the real engine killed under load (tests/fail).

$(B)/crash-ends: $(B)/tests/fail/ends.o $(LIB_AGENT) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(LIBS_AGENT) -ljansson

crash: all $(B)/crash-ends ## kill -9 of the engine under load for 8 s: streams and chat byte for byte
	$(Q)B=$(B) node --test tests/fail/crash.mjs

durable: all ## kill -9 of control for 8 s: nothing acknowledged is lost; a disk that takes nothing
	$(Q)B=$(B) node --test tests/fail/durable.mjs

CRASH_LOOP_SECONDS ?= 600
crash-loop: all $(B)/crash-ends ## the same for ten minutes (CRASH_LOOP_SECONDS)
	$(Q)B=$(B) CRASH_SECONDS=$(CRASH_LOOP_SECONDS) node --test tests/fail/crash.mjs
	$(Q)B=$(B) DURABLE_SECONDS=$(CRASH_LOOP_SECONDS) node --test tests/fail/durable.mjs

FUZZ_LIBS_streams = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_proxy = $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)

.PHONY: crash crash-loop durable
