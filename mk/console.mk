# The browser console and the portal: npm ci, type check, bundle; and their unit tests.

CONSOLE_OUT = build/console
CONSOLE_DIR = clients/console
CONSOLE_DEPS = $(CONSOLE_DIR)/node_modules/.package-lock.json
CONSOLE_SRC := $(shell find $(CONSOLE_DIR)/src $(CONSOLE_DIR)/html -type f) $(CONSOLE_DIR)/build.mjs \
	$(CONSOLE_DIR)/tsconfig.json

console: $(CONSOLE_OUT)/console.html ## build the console and the portal

$(CONSOLE_DEPS): $(CONSOLE_DIR)/package-lock.json $(CONSOLE_DIR)/package.json $(CONSOLE_DIR)/.npmrc
	$(call say,NPM,$(CONSOLE_DIR))
	$(Q)cd $(CONSOLE_DIR) && npm ci --ignore-scripts --loglevel=error >/dev/null && touch node_modules/.package-lock.json

build/console.types: $(CONSOLE_SRC) $(CONSOLE_DEPS)
	$(call say,TSC,$(CONSOLE_DIR))
	$(Q)mkdir -p $(@D) && node $(CONSOLE_DIR)/node_modules/typescript/bin/tsc -p $(CONSOLE_DIR) && touch $@

$(CONSOLE_OUT)/console.html: build/console.types build/wasm/codec.wasm build/wasm/encoder.wasm
	$(call say,BUNDLE,$(CONSOLE_OUT))
	$(Q)node $(CONSOLE_DIR)/build.mjs $(CONSOLE_OUT) build/wasm/codec.wasm build/wasm/encoder.wasm && touch $@

console-test: console browser-deps $(B)/causeway-codec ## the console's unit tests, and its pages against a mock appliance
	$(Q)node $(CONSOLE_DIR)/build_tests.mjs build/console-test
	$(Q)CODEC_TOOL=$(B)/causeway-codec CODEC_WASM=build/wasm/codec.wasm CONSOLE_OUT=$(CONSOLE_OUT) \
		node --test $$(ls build/console-test/*.test.mjs) $(wildcard tests/browser/console_unit/*.test.mjs)

.PHONY: console console-test
