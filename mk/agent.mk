# causeway-client: JSON bodies of hello and statistics, raw pointer motion.
LIBS_AGENT += -ljansson -lXi
FUZZ_LIBS_peer_frames = $(LIB_AGENT) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_wake = $(LIB_AGENT) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_device_order = $(LIB_AGENT) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
