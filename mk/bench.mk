# Benchmarks: each prints a table and writes build/bench/NAME.json.

$(B)/bench/x_echo: $(B)/bench/x_echo.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lX11 -lXext -lXdamage -lXtst

$(B)/bench/x_grab: $(B)/bench/scenes/grab.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lX11 -lXext -lXdamage

# The load generator: an operator's tool. It has its own records, so that one end checks the other.
LIBS_LOAD = -luring -lssl -lcrypto -lsodium -lIPSec_MB
$(B)/causeway-load: $(B)/bench/load/main.o $(LIB_LOAD) $(LIB_PEER) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_LOAD)

# Plays people and an engine for a real control, and fills its store.
$(B)/causeway-bench-control: $(call objects,$(wildcard bench/control/*.c)) $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
	$(link)
	$(LINK) $(LIBS_CONTROL)

# The codec beside the encoders of others. Google Benchmark is C++, and so is one file of ours.
CODEC_COMPARE = $(B)/causeway-codec-compare
CXX = g++
CXXFLAGS = -std=c++17 -Wall -Wextra -Werror $(HARDENING) $(CFLAGS_$(CONFIG))
LIBS_CODEC_COMPARE = $(LIBS_CODEC) -ljpeg -lvncserver -lvncclient -lfreerdp2 -lwinpr2 -lavcodec -lavutil -lswscale \
	-lbenchmark -lstdc++ -lm -lpthread
$(B)/bench/codec/rdp.o: CPPFLAGS += -isystem /usr/include/freerdp2 -isystem /usr/include/winpr2
$(B)/bench/harness.o: bench/harness.cc bench/harness.h $(B)/flags
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@
$(B)/bench/harness.o $(call objects,$(wildcard bench/codec/*.c)): | bench-deps
$(CODEC_COMPARE): $(call objects,$(wildcard bench/codec/*.c)) $(B)/bench/harness.o $(LIB_CODEC)
	$(link)
	$(LINK) $(LIBS_CODEC_COMPARE)

# What the benchmarks run beside: TLS relays and screen encoders of others.
DEPS_BENCH = haproxy nginx-light libnginx-mod-stream stunnel4 openssl util-linux g++ libvncserver-dev \
	libjpeg62-turbo-dev freerdp2-dev libwinpr2-dev libavcodec-dev libswscale-dev geany mupdf mate-backgrounds
bench-deps: deps ## install what the benchmarks need beside the product
	$(Q)$(MAKE) --no-print-directory -s deps DEPS='$(DEPS_BENCH)'

bench-e2e: all console wasm $(B)/bench/x_echo browser-deps ## keystroke latency, session start, 30 s of typing
	$(Q)node bench/e2e.mjs

bench-relay: all bench-deps ## the relay beside HAProxy, nginx and stunnel (12 minutes; QUICK=1: 6)
	$(Q)B=$(B) node bench/relay.mjs $(if $(QUICK),--quick) $(if $(ROWS),--rows=$(ROWS))

bench-codec: $(CODEC_COMPARE) $(B)/bench/x_grab $(B)/causeway-codec wasm browser-deps bench-deps ## the screen codec beside its peers (CORPUS=dir: recorded scenes; SCENES=a,b; QUICK=1)
	$(Q)B=$(B) node bench/codec.mjs $(if $(QUICK),--quick) $(if $(CORPUS),--corpus=$(CORPUS)) \
		$(if $(SCENES),--scenes=$(SCENES))

bench-control: all $(B)/causeway-bench-control ## durable changes, session starts, search, restart of the control plane (ROWS=a,b)
	$(Q)B=$(B) node bench/control.mjs $(if $(QUICK),--quick) $(if $(ROWS),--rows=$(ROWS))

bench-long: all bench-deps ## 100,000 idle Jump Clients, 10,000 that come back after a restart, churn
	$(Q)B=$(B) node bench/relay.mjs --long $(if $(ROWS),--rows=$(ROWS))

bench-smoke: all console wasm $(B)/bench/x_echo $(B)/causeway-bench-control $(CODEC_COMPARE) browser-deps bench-deps ## every benchmark once, briefly: it must do its work
	$(Q)node bench/e2e.mjs --smoke
	$(Q)B=$(B) node bench/relay.mjs --smoke
	$(Q)B=$(B) node bench/codec.mjs --smoke
	$(Q)B=$(B) node bench/control.mjs --smoke

bench: bench-e2e bench-relay bench-codec bench-control ## all benchmarks but the long ones

browser-deps: tests/browser/node_modules/.package-lock.json
tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	$(Q)cd tests/browser && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

.PHONY: bench bench-codec bench-control bench-deps bench-e2e bench-relay bench-long bench-smoke browser-deps
