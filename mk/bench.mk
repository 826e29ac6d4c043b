# Benchmarks: each prints a table and writes build/bench/NAME.json.

$(B)/bench/x_echo: $(B)/bench/x_echo.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lX11 -lXext -lXdamage -lXtst

# The load generator: an operator's tool. It has its own records, so that one end checks the other.
LIBS_LOAD = -luring -lssl -lcrypto -lIPSec_MB
$(B)/causeway-load: $(call objects,$(wildcard bench/load/*.c)) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_LOAD)
PROGRAM_NAMES += causeway-load

bench-deps: deps ## install what the benchmarks need beside the product

bench-e2e: all console wasm $(B)/bench/x_echo browser-deps ## keystroke latency, session start, 30 s of typing
	$(Q)node bench/e2e.mjs

bench-smoke: all console wasm $(B)/bench/x_echo browser-deps ## every benchmark once, briefly: it must do its work
	$(Q)node bench/e2e.mjs --smoke

bench: bench-e2e ## all benchmarks but the long ones

browser-deps: tests/browser/node_modules/.package-lock.json
tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	$(Q)cd tests/browser && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

.PHONY: bench bench-deps bench-e2e bench-smoke browser-deps
