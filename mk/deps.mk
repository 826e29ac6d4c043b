# What building, running and testing need beside make itself, on Debian 12. One list, in one place.

DEPS_BUILD = gcc libc6-dev liburing-dev libssl-dev libsodium-dev libsqlite3-dev libmicrohttpd-dev libjansson-dev \
	libargon2-dev libfido2-dev libzstd-dev libx11-dev libxext-dev libxdamage-dev libxfixes-dev libxrandr-dev \
	libxtst-dev libxss-dev libxi-dev zlib1g-dev libipsec-mb-dev libxft-dev libfontconfig-dev libfreetype-dev clang lld wasi-libc \
	libclang-rt-14-dev-wasm32 libedit-dev libcurl4-openssl-dev xz-utils
# The sample desktop, and what `make run` asks the appliance with.
DEPS_RUN = tzdata xvfb xauth openbox xterm mousepad fonts-dejavu-core curl ca-certificates procps
DEPS_TEST = libcmocka-dev libjpeg62-turbo-dev libclang-rt-14-dev libbenchmark-dev chromium xdotool imagemagick x11-utils \
	x11-xserver-utils xscreensaver zstd openssl iproute2 systemd strace mandoc python3 gnutls-bin libnss3-tools testssl.sh sslscan ffmpeg libxml2-utils
# Debian's npm cannot be installed beside another Node, so both only when there is none.
DEPS_NODE = $(if $(shell command -v node),,nodejs) $(if $(shell command -v npm),,npm)
DEPS = $(strip $(DEPS_BUILD) $(DEPS_RUN) $(DEPS_TEST) $(DEPS_NODE))

deps: ## install the Debian packages that build, run and test need (as root; at once when they are there)
	@command -v dpkg-query >/dev/null || { echo 'This needs Debian 12: there is no dpkg-query here.'; exit 1; }; \
	have=" $$(dpkg-query -W -f='$${Package} $${db:Status-Status}\n' $(DEPS) 2>/dev/null | \
		awk '$$2 == "installed" { printf "%s ", $$1 }')"; \
	missing=; for p in $(DEPS); do case "$$have" in *" $$p "*) ;; *) missing="$$missing $$p";; esac; done; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" != 0 ]; then \
		printf 'These packages are missing:\n %s\nInstall them as root: make deps (or apt-get install them).\n' "$$missing"; \
		exit 1; \
	fi; \
	echo "Installing:$$missing"; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing

.PHONY: deps
