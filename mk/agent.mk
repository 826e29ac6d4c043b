# causeway-client: JSON bodies of hello and statistics, raw pointer motion.
LIBS_AGENT += -ljansson -lXi
