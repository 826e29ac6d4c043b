# The relay's simulation: the real workers on a seeded network, one history a seed.

SIM_SEEDS ?= 1600
$(B)/causeway-sim: $(patsubst %,$(B)/tests/sim/%.o,main relay actor actor_screen actor_talk actor_streams recording hostile endpoint control_double invariants keys page) $(B)/libsimnet.a \
		$(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS_ENGINE)

# One source and many viewers, good, slow and stalled.
SIM_VIEWER_SEEDS ?= 24
$(B)/causeway-sim-viewers: $(patsubst %,$(B)/tests/sim/%.o,viewers endpoint control_double invariants keys) $(B)/libsimnet.a \
		$(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS_ENGINE)

# Two processes, one a core; before that, one seed in two runs of the program.
sim: $(B)/causeway-sim $(B)/causeway-sim-viewers ## seeded histories of the whole relay (SIM_SEEDS=1600)
	$(Q)one=$$($(B)/causeway-sim --hash --first 5 --seeds 1 | grep '^seed 5 '); \
		two=$$($(B)/causeway-sim --hash --first 4 --seeds 2 | grep '^seed 5 '); \
		[ -n "$$one" ] && [ "$$one" = "$$two" ] || { echo 'a seed gave two histories in two runs'; exit 1; }
	$(Q)half=$$(( ($(SIM_SEEDS) + 1) / 2 )); $(B)/causeway-sim --seeds $$half & first=$$!; \
		$(B)/causeway-sim --seeds $$half --first $$(( half + 1 )); status=$$?; \
		wait $$first && [ $$status = 0 ] && $(B)/causeway-sim-viewers --seeds $(SIM_VIEWER_SEEDS)

.PHONY: sim

# What the relay's fuzz targets link: no more than they test.
FUZZ_LIBS_frame = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_recording = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_hello = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_link = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_ticket = $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_websocket = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_http_head = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)

# The relay's connections one by one: real workers, TLS and link on the simulated network. An archive, as unit
# tests link archives only.
$(B)/libsimrelay.a: $(patsubst %,$(B)/tests/sim/%.o,endpoint control_double keys invariants)
$(B)/tests/unit/engine/test_conn_path $(B)/tests/unit/engine/test_connections \
		$(B)/tests/unit/engine/test_operate $(B)/tests/unit/engine/test_streams \
		$(B)/tests/unit/engine/test_gate $(B)/tests/unit/engine/test_record: $(B)/libsimrelay.a $(B)/libsimnet.a
