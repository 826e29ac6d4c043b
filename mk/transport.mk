# The simulated network: an archive, so that any test program can name it as a prerequisite.
LIB_SIM_NET = $(B)/libsimnet.a
$(LIB_SIM_NET): $(call objects,$(wildcard tests/sim/net*.c))
$(B)/tests/unit/engine/test_net: $(LIB_SIM_NET)

# An engine that runs alone opens its listeners and directories as the supervisor does.
$(B)/causeway-engine: $(call objects,engine/supervisor/listen.c engine/supervisor/directory.c)
FUZZ_LIBS_supervisor_order = $(LIB_SUPERVISOR) $(LIB_BASE)
