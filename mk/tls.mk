# TLS clients of other people against engine/tls.c, and scanners against a running engine.

$(B)/tests/interop/server: $(B)/tests/interop/server.o $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS_ENGINE)

interop: $(B)/tests/interop/server ## OpenSSL, curl, GnuTLS and NSS as TLS clients of the engine
	$(Q)B=$(B) tests/interop/tls.sh

# A minute and a half; what may be found, and why, is in engine/DESIGN.md.
tls-scan: all wasm console ## testssl.sh and sslscan against a running appliance
	$(Q)B=$(B) PAGES=$(PAGES_DIR) tests/interop/scan.sh

.PHONY: interop tls-scan

FUZZ_LIBS_tls = $(LIB_ENGINE) $(LIB_WIRE) $(LIB_BASE)
