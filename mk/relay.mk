# The relay's simulation: the real workers on a seeded network, one history a seed.

SIM_SEEDS ?= 2000
$(B)/causeway-sim: $(patsubst %,$(B)/tests/sim/%.o,main relay endpoint control_double invariants page) $(B)/libsimnet.a \
		$(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS_ENGINE)

sim: $(B)/causeway-sim ## seeded histories of the whole relay (SIM_SEEDS=2000)
	$(Q)half=$$(( ($(SIM_SEEDS) + 1) / 2 )); $(B)/causeway-sim --seeds $$half & first=$$!; \
		$(B)/causeway-sim --seeds $$half --first $$(( half + 1 )); status=$$?; \
		wait $$first && exit $$status

.PHONY: sim

# What the relay's fuzz targets link: no more than they test.
FUZZ_LIBS_frame = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_hello = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_link = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_ticket = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_websocket = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_http_head = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
