# The simulated network: an archive, so that any test program can name it as a prerequisite.
LIB_SIM_NET = $(B)/libsimnet.a
$(LIB_SIM_NET): $(call objects,$(wildcard tests/sim/net*.c))
$(B)/tests/unit/engine/test_net: $(LIB_SIM_NET)

# An engine that runs alone opens its listeners and directories as the supervisor does.
$(B)/causeway-engine: $(call objects,engine/supervisor/listen.c engine/supervisor/directory.c)
FUZZ_LIBS_supervisor_order = $(LIB_SUPERVISOR) $(LIB_BASE)

# Not in `make test`: it takes a gigabyte of the kernel's memory and most of a minute.
$(B)/tests/many/many_sockets: $(B)/tests/many/main.o $(LIB_ENGINE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_ENGINE)
test-many-sockets: $(B)/tests/many/many_sockets ## 104,000 sockets in one backend, from eight processes
	$(Q)$<
.PHONY: test-many-sockets
