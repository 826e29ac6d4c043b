# The codec's own rules: kernel checks, the WebAssembly decoder and its test.

# zstd's source: fetched once for all build folders; a build needs the network only the first time.
ZSTD_SOURCE = build/zstd-src

# ---- kernels: tests/dsp/check_NAME.c is one program that compares every level with C ------------
DSP_CHECKS = $(patsubst %.c,$(B)/%,$(wildcard tests/dsp/check_*.c))
$(DSP_CHECKS): $(B)/%: $(B)/%.o $(LIB_CODEC)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB_CODEC) $(LIBS_CODEC)

dsp: $(DSP_CHECKS) ## check every kernel level against C
	@for t in $(DSP_CHECKS); do $$t || { echo "FAILED: $$t"; exit 1; }; done

# The fuzz targets of the codec need nothing else.
FUZZ_LIBS_decoder = $(LIB_CODEC)
FUZZ_LIBS_encoder = $(LIB_CODEC)

# ---- WebAssembly --------------------------------------------------------------------------------
WASM = build/wasm/codec.wasm
WASM_CC = clang
# What only the encoder needs, one to a line.
WASM_NOT += codec/anchors.c
WASM_NOT += codec/budget.c
WASM_NOT += codec/cache_find.c
WASM_NOT += codec/canvas.c
WASM_NOT += codec/classify.c
WASM_NOT += codec/colours.c
WASM_NOT += codec/copies.c
WASM_NOT += codec/damage.c
WASM_NOT += codec/encoder.c
WASM_NOT += codec/film.c
WASM_NOT += codec/jpeg_encode.c
WASM_NOT += codec/lossy.c
WASM_NOT += codec/motion.c
WASM_NOT += codec/moving_encode.c
WASM_NOT += codec/moving_search.c
WASM_NOT += codec/moving_write.c
WASM_NOT += codec/pack.c
WASM_NOT += codec/photo.c
WASM_NOT += codec/text.c
WASM_NOT += codec/text_bands.c
WASM_NOT += codec/text_join.c
WASM_KERNELS = $(wildcard codec/wasm/*_simd128.c)
WASM_SRC = $(filter-out $(WASM_NOT),$(wildcard codec/*.c)) $(WASM_KERNELS) codec/wasm/wasm_api.c
WASM_ZSTD = common/entropy_common common/error_private common/fse_decompress common/xxhash \
	common/zstd_common decompress/huf_decompress decompress/zstd_ddict \
	decompress/zstd_decompress decompress/zstd_decompress_block
WASM_OBJECTS = $(patsubst %.c,build/wasm/%.o,$(WASM_SRC)) $(patsubst %,build/wasm/zstd/%.o,$(WASM_ZSTD))
WASM_FLAGS = --target=wasm32-wasi -O3 -msimd128 -mbulk-memory -fno-strict-aliasing \
	-I$(ZSTD_SOURCE)/lib -DXXH_NAMESPACE=ZSTD_ -DZSTD_DISABLE_ASM=1 -DZSTD_LEGACY_SUPPORT=0 -DZSTD_TRACE=0 \
	-DZSTD_STRIP_ERROR_STRINGS=1 -DNDEBUG
WASM_WARNINGS = -std=c17 -Wall -Wextra -Werror -Wshadow -Wconversion -Wvla

$(ZSTD_SOURCE)/done:
	$(call say,FETCH,$(ZSTD_SOURCE))
	$(Q)codec/wasm/zstd-source.sh $(ZSTD_SOURCE)

build/wasm/zstd/%.o: | $(ZSTD_SOURCE)/done
	$(call say,WASM,$*.c)
	$(Q)mkdir -p $(@D) && $(WASM_CC) $(WASM_FLAGS) -c $(ZSTD_SOURCE)/lib/$*.c -o $@

build/wasm/codec/%.o: codec/%.c mk/codec.mk | $(ZSTD_SOURCE)/done
	$(call say,WASM,$<)
	$(Q)mkdir -p $(@D) && $(WASM_CC) $(WASM_FLAGS) $(WASM_WARNINGS) -I. -MMD -MP -c $< -o $@

$(WASM): $(WASM_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(WASM_CC) --target=wasm32-wasi -nostartfiles -Wl,--no-entry -Wl,--strip-all -Wl,--gc-sections \
		-Wl,--stack-first -Wl,-z,stack-size=131072 -o $@.new $(WASM_OBJECTS) && mv $@.new $@

# The encoder, in a module of its own that a page loads when somebody shares a screen, with the native client's rules of
# when what is sent (clients/web/README.md).
WASM_ENCODER = build/wasm/encoder.wasm
WASM_ENCODER_SRC = $(wildcard codec/*.c) $(WASM_KERNELS) codec/wasm/encoder_api.c $(wildcard clients/web/*.c) \
	clients/agent/source.c clients/agent/stream.c clients/agent/rate.c clients/agent/halve.c clients/peer/peer.c \
	engine/base/err.c engine/base/span.c engine/wire/frame.c engine/wire/message.c
WASM_ENCODER_ZSTD = common/entropy_common common/error_private common/fse_decompress common/xxhash \
	common/zstd_common $(addprefix compress/,fse_compress hist huf_compress zstd_compress zstd_compress_literals \
	zstd_compress_sequences zstd_compress_superblock zstd_double_fast zstd_fast zstd_lazy zstd_ldm zstd_opt)
WASM_ENCODER_OBJECTS = $(patsubst %.c,build/wasm/%.o,$(WASM_ENCODER_SRC)) \
	$(patsubst %,build/wasm/zstd/%.o,$(WASM_ENCODER_ZSTD))

build/wasm/clients/%.o: clients/%.c mk/codec.mk | $(ZSTD_SOURCE)/done
	$(call say,WASM,$<)
	$(Q)mkdir -p $(@D) && $(WASM_CC) $(WASM_FLAGS) $(WASM_WARNINGS) -I. -MMD -MP -c $< -o $@

build/wasm/engine/%.o: engine/%.c mk/codec.mk | $(ZSTD_SOURCE)/done
	$(call say,WASM,$<)
	$(Q)mkdir -p $(@D) && $(WASM_CC) $(WASM_FLAGS) $(WASM_WARNINGS) -I. -MMD -MP -c $< -o $@

$(WASM_ENCODER): $(WASM_ENCODER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(WASM_CC) --target=wasm32-wasi -nostartfiles -Wl,--no-entry -Wl,--strip-all -Wl,--gc-sections \
		-Wl,--stack-first -Wl,-z,stack-size=1048576 -o $@.new $(WASM_ENCODER_OBJECTS) && mv $@.new $@

wasm: $(WASM) $(WASM_ENCODER) ## build the decoder and the encoder for browsers

-include $(shell find build/wasm -name '*.d' 2>/dev/null)

# ---- memory that was never written ----------------------------------------------------------------
# clang's memory sanitizer wants all code instrumented, so the decoder is built here from the sources that the
# WebAssembly module is built from, zstd's with them, and with the kernels of this machine.
MSAN_OBJECTS = $(patsubst %.c,build/msan/%.o,$(filter-out codec/wasm/%,$(WASM_SRC)) $(wildcard codec/x86/*.c)) \
	$(WASM_ZSTD:%=build/msan/zstd/%.o) build/msan/tests/fuzz/fuzz_decoder.o
MSAN_FLAGS = -O1 -g -DCW_DEBUG -D_GNU_SOURCE -I. -fsanitize=memory -fsanitize-memory-track-origins \
	-fsanitize=fuzzer-no-link -fno-omit-frame-pointer -fno-strict-aliasing
MSAN_ZSTD_FLAGS = -I$(ZSTD_SOURCE)/lib -DXXH_NAMESPACE=ZSTD_ -DZSTD_DISABLE_ASM=1 -DDYNAMIC_BMI2=0 \
	-DZSTD_LEGACY_SUPPORT=0 -DZSTD_TRACE=0 -w

build/msan/codec/x86/%_sse41.o: MSAN_FLAGS += -msse4.1
build/msan/codec/x86/%_avx2.o: MSAN_FLAGS += -mavx2 -mbmi2
build/msan/codec/x86/%_avx512.o: MSAN_FLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mbmi2
build/msan/zstd/%.o: | $(ZSTD_SOURCE)/done
	$(call say,MSAN,$*.c)
	$(Q)mkdir -p $(@D) && clang $(MSAN_FLAGS) $(MSAN_ZSTD_FLAGS) -c $(ZSTD_SOURCE)/lib/$*.c -o $@
build/msan/%.o: %.c mk/codec.mk | $(ZSTD_SOURCE)/done
	$(call say,MSAN,$<)
	$(Q)mkdir -p $(@D) && clang -std=c17 $(MSAN_FLAGS) -I$(ZSTD_SOURCE)/lib -MMD -MP -c $< -o $@
build/msan/replay: $(MSAN_OBJECTS) build/msan/tests/fuzz/replay.o
	$(call say,LD,$@)
	$(Q)clang $(MSAN_FLAGS) -o $@ $^
build/msan/fuzzer: $(MSAN_OBJECTS)
	$(call say,LD,$@)
	$(Q)clang $(MSAN_FLAGS) -fsanitize=fuzzer -o $@ $^

replay-msan: build/msan/replay ## feed the screen decoder's corpus to it under the memory sanitizer
	@$< tests/corpus/decoder

fuzz-msan: build/msan/fuzzer ## search with the memory sanitizer: make fuzz-msan S=seconds
	$(Q)mkdir -p build/msan/corpus
	$(Q)$< -max_total_time=$(S) -artifact_prefix=build/msan/ build/msan/corpus tests/corpus/decoder

-include $(shell find build/msan -name '*.d' 2>/dev/null)
.PHONY: replay-msan fuzz-msan

test-wasm: $(WASM) $(WASM_ENCODER) $(B)/causeway-codec test-codec-tool ## the WebAssembly codec gives the native bytes
	@node tests/unit/codec/wasm_test.mjs $(WASM) $(B)/causeway-codec
	@node tests/unit/codec/wasm_encoder_test.mjs $(WASM_ENCODER) $(B)/causeway-codec
	@node tests/unit/codec/wasm_source_test.mjs $(WASM_ENCODER) $(WASM)
	@node tests/unit/codec/golden_test.mjs $(WASM) tests/golden/codec
	@node tests/unit/codec/second_decoder.mjs codec/FORMAT.md $(wildcard tests/golden/codec/v*)

test-codec-tool: $(B)/causeway-codec ## causeway-codec's answers and refusals
	@tests/unit/codec/tool_test.sh $(B)/causeway-codec

.PHONY: dsp wasm test-wasm test-codec-tool
