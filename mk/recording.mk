# causeway-recording: reads recordings; ffmpeg makes its videos when it is there.
RECORDING_SRC := $(call c_in,clients/recording)
LIB_RECORDING = $(B)/librecording.a
$(LIB_RECORDING): $(call objects,$(RECORDING_SRC))
LIBS_RECORDING = -lX11 -lz -lzstd -lcrypto -lm

PROGRAM_NAMES += causeway-recording
$(B)/causeway-recording: $(B)/clients/recording/main.o $(LIB_RECORDING) $(LIB_WIRE) $(LIB_CODEC) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_RECORDING)
all: $(B)/causeway-recording

UNIT_LIBS_recording = $(LIB_RECORDING) $(LIB_WIRE) $(LIB_CODEC) $(LIB_BASE)
UNIT_SYS_recording = $(LIBS_RECORDING)
$(eval $(call unit_area,recording))
unit: $(UNIT_TESTS_recording)
