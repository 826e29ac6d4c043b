# Control's front ends: what their fuzz targets link.
FUZZ_LIBS_proxy_preface = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_ctl_line = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_webauthn = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_zone = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_macros = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_http_authorization = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_report = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
FUZZ_LIBS_schedule_text = $(LIB_CONTROL) $(LIB_WIRE) $(LIB_BASE)
