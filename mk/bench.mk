# Benchmarks: each prints a table and writes build/bench/NAME.json.

$(B)/bench/x_echo: $(B)/bench/x_echo.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lX11 -lXext -lXdamage -lXtst

# The load generator: an operator's tool. It has its own records, so that one end checks the other.
LIBS_LOAD = -luring -lssl -lcrypto -lsodium -lIPSec_MB
$(B)/causeway-load: $(B)/bench/load/main.o $(LIB_LOAD) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_LOAD)

# What the benchmarks run beside: TLS relays of others.
DEPS_BENCH = haproxy nginx-light libnginx-mod-stream stunnel4 openssl util-linux
bench-deps: deps ## install what the benchmarks need beside the product
	$(Q)$(MAKE) --no-print-directory -s deps DEPS='$(DEPS_BENCH)'

bench-e2e: all console wasm $(B)/bench/x_echo browser-deps ## keystroke latency, session start, 30 s of typing
	$(Q)node bench/e2e.mjs

bench-relay: all bench-deps ## the relay beside HAProxy, nginx and stunnel (12 minutes; QUICK=1: 6)
	$(Q)B=$(B) node bench/relay.mjs $(if $(QUICK),--quick) $(if $(ROWS),--rows=$(ROWS))

bench-long: all bench-deps ## 100,000 idle Jump Clients, 10,000 that come back after a restart, churn
	$(Q)B=$(B) node bench/relay.mjs --long $(if $(ROWS),--rows=$(ROWS))

bench-smoke: all console wasm $(B)/bench/x_echo browser-deps bench-deps ## every benchmark once, briefly: it must do its work
	$(Q)node bench/e2e.mjs --smoke
	$(Q)B=$(B) node bench/relay.mjs --smoke

bench: bench-e2e bench-relay ## all benchmarks but the long ones

browser-deps: tests/browser/node_modules/.package-lock.json
tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	$(Q)cd tests/browser && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

.PHONY: bench bench-deps bench-e2e bench-relay bench-long bench-smoke browser-deps
