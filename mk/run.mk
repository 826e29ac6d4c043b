# Running from the work tree, and installing.

# Ports and origin: what the state folder's causeway.conf says, at first 8443 and 8080, unless given here.
STATE_DIR ?= state
PAGES_DIR = $(CONSOLE_OUT)
run: deps ## build and bring up the appliance with a sample desktop; Ctrl-C ends all of it
	$(Q)$(MAKE) --no-print-directory -s -j$(JOBS) all wasm console
	$(Q)exec env STATE_DIR='$(STATE_DIR)' HTTPS_PORT='$(HTTPS_PORT)' HTTP_PORT='$(HTTP_PORT)' \
		PUBLIC_ORIGIN='$(PUBLIC_ORIGIN)' READY_FILE='$(READY_FILE)' BUILD='$(B)' PAGES='$(PAGES_DIR)' \
		dist/run.sh

PREFIX ?= /usr
SYSCONFDIR ?= /etc
MAN_PAGES = $(shell find engine control clients codec bench -name node_modules -prune -o -name '*.[158]' -print)
SBIN_PROGRAMS = causeway-supervisor causeway-engine causeway-control causeway-store causeway-courier
BIN_PROGRAMS = causewayctl causeway-client causeway-codec causeway-load causeway-recording
UNIT_DIR = $(DESTDIR)$(PREFIX)/lib/systemd/system

install: all wasm console ## install below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(UNIT_DIR) $(DESTDIR)$(SYSCONFDIR)/causeway \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d \
		$(DESTDIR)$(PREFIX)/share/causeway/download $(DESTDIR)$(PREFIX)/share/doc/causeway
	install -m 755 $(SBIN_PROGRAMS:%=$(B)/%) $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(BIN_PROGRAMS:%=$(B)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/causeway-client $(DESTDIR)$(PREFIX)/share/causeway/download
	rm -rf $(DESTDIR)$(PREFIX)/share/causeway/pages
	install -d $(DESTDIR)$(PREFIX)/share/causeway/pages/assets
	install -m 644 $(PAGES_DIR)/*.html* $(DESTDIR)$(PREFIX)/share/causeway/pages
	install -m 644 $(PAGES_DIR)/assets/* $(DESTDIR)$(PREFIX)/share/causeway/pages/assets
	for m in $(MAN_PAGES); do d=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; \
		install -d $$d && install -m 644 $$m $$d; done
	sed 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' dist/causeway.service >$(UNIT_DIR)/causeway.service
	install -m 644 dist/causeway.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/causeway.conf
	install -m 644 dist/causeway.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/causeway.conf
	[ -e $(DESTDIR)$(SYSCONFDIR)/causeway/causeway.conf ] || \
		install -m 644 dist/causeway.conf $(DESTDIR)$(SYSCONFDIR)/causeway
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 dist/causewayctl.bash-completion $(DESTDIR)$(PREFIX)/share/bash-completion/completions/causewayctl
	install -m 644 README.md LICENSE control/API.md control/report/report.xsd engine/PROTOCOL.md engine/RECORDING.md codec/FORMAT.md $(DESTDIR)$(PREFIX)/share/doc/causeway

clean: ## remove what was built (not the state folder)
	rm -rf build

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort -u | sed -E 's/^([a-z0-9-]+):.*## (.*)/\1\t\2/' | \
		while IFS='	' read -r t text; do printf '  make %-14s %s\n' "$$t" "$$text"; done
	@echo '  Variables: CONFIG=release|asan  V=1  STATE_DIR  HTTPS_PORT  HTTP_PORT  PUBLIC_ORIGIN  DESTDIR  PREFIX'

.PHONY: run install clean help
