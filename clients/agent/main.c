/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-client: the customer client and the Jump Client. See causeway-client.1. */
#include <X11/Xlib.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/agent/customer.h"
#include "clients/agent/device.h"
#include "clients/agent/disabled.h"
#include "clients/agent/install.h"
#include "clients/agent/state.h"
#include "clients/peer/dial.h"
#include "clients/peer/proxy.h"
#include "engine/base/log.h"
#include "engine/base/version.h"

static const char default_state_dir[] = "/var/lib/causeway-client";

/* With what(1)'s mark, by which the appliance finds the version in the program's file. */
static const char version[] = "@(#)causeway-client " CW_VERSION;

static const char help[] =
    "Usage:\n"
    "  causeway-client --key KEY [--identity HEX] [--name NAME] [--display :N] HOST[:PORT]\n"
    "      Get help: connect to a representative with a session key. Asks on the screen\n"
    "      before anyone may see or control it. Pause, or Ctrl+Alt+End, ends it at once.\n"
    "  causeway-client --button SECRET [--identity HEX] [--name NAME] [--display :N] HOST[:PORT]\n"
    "      The same with an installed Support Button, as often as it is pressed.\n"
    "  causeway-client install --token TOKEN --identity HEX [--name NAME] [--state-dir DIR]\n"
    "                  [--display :N] [--proxy URL] [--no-service]\n"
    "                  [--tag TEXT] [--comments TEXT] [--passive [--port N]] HOST[:PORT]\n"
    "      Enrol this computer for unattended access and start the service.\n"
    "  causeway-client run [--state-dir DIR] [--display :N]\n"
    "      Run as Jump Client (what the service does).\n"
    "  causeway-client uninstall [--state-dir DIR] [--no-service]\n"
    "      Stop and forget the enrolment.\n"
    "  causeway-client disable [--state-dir DIR]\n"
    "  causeway-client enable [--state-dir DIR]\n"
    "      Let nobody begin a session with this computer, or let them again.\n"
    "\n"
    "  --key KEY         session key, as the representative says it\n"
    "  --button SECRET   a Support Button's secret\n"
    "  --token TOKEN     one-time enrolment token\n"
    "  --identity HEX    the appliance's identity key, 64 hexadecimal digits\n"
    "  --name NAME       how this computer or person is shown\n"
    "  --state-dir DIR   where the credential is kept (default /var/lib/causeway-client)\n"
    "  --display :N      X display (default $DISPLAY; the service: :0)\n"
    "  --proxy URL       go through an HTTP proxy: http://[user:password@]host[:port]\n"
    "                    (default $https_proxy)\n"
    "  --tag, --comments TEXT\n"
    "                    of this computer, where the installer lets one say it\n"
    "  --trial           with run: report once and end (a new program before it takes over)\n"
    "  --passive         keep no connection: listen for the appliance's datagram on a UDP\n"
    "                    port, and look in now and then\n"
    "  --port N          that port, 1024 to 65535 (default: the appliance's option)\n"
    "  --no-service      write no systemd unit\n"
    "  --verbose         log more\n"
    "  --help, --version\n"
    "PORT is 443 unless given.\n";

struct arguments {
    const char *key, *button, *token, *identity, *name, *state_dir, *display, *proxy, *tag,
        *comments, *port;
    bool no_service, is_trial, is_passive;
    const char *host;
};

enum choice {
    OPTION_KEY = 256,
    OPTION_BUTTON,
    OPTION_TOKEN,
    OPTION_IDENTITY,
    OPTION_NAME,
    OPTION_STATE_DIR,
    OPTION_DISPLAY,
    OPTION_PROXY,
    OPTION_NO_SERVICE,
    OPTION_TRIAL,
    OPTION_TAG,
    OPTION_COMMENTS,
    OPTION_PASSIVE,
    OPTION_PORT,
    OPTION_VERBOSE,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option options[] = {
    {"key", required_argument, NULL, OPTION_KEY},
    {"button", required_argument, NULL, OPTION_BUTTON},
    {"token", required_argument, NULL, OPTION_TOKEN},
    {"identity", required_argument, NULL, OPTION_IDENTITY},
    {"name", required_argument, NULL, OPTION_NAME},
    {"state-dir", required_argument, NULL, OPTION_STATE_DIR},
    {"display", required_argument, NULL, OPTION_DISPLAY},
    {"proxy", required_argument, NULL, OPTION_PROXY},
    {"tag", required_argument, NULL, OPTION_TAG},
    {"comments", required_argument, NULL, OPTION_COMMENTS},
    {"trial", no_argument, NULL, OPTION_TRIAL},
    {"passive", no_argument, NULL, OPTION_PASSIVE},
    {"port", required_argument, NULL, OPTION_PORT},
    {"no-service", no_argument, NULL, OPTION_NO_SERVICE},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

static int usage(const char *what)
{
    fprintf(stderr, "causeway-client: %s\nTry \"causeway-client --help\".\n", what);
    return EX_USAGE;
}

/* -1: go on; otherwise the exit code. */
static int parse(int argc, char **argv, struct arguments *a)
{
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_KEY: a->key = optarg; break;
        case OPTION_BUTTON: a->button = optarg; break;
        case OPTION_TOKEN: a->token = optarg; break;
        case OPTION_IDENTITY: a->identity = optarg; break;
        case OPTION_NAME: a->name = optarg; break;
        case OPTION_STATE_DIR: a->state_dir = optarg; break;
        case OPTION_DISPLAY: a->display = optarg; break;
        case OPTION_PROXY: a->proxy = optarg; break;
        case OPTION_TRIAL: a->is_trial = true; break;
        case OPTION_TAG: a->tag = optarg; break;
        case OPTION_COMMENTS: a->comments = optarg; break;
        case OPTION_PASSIVE: a->is_passive = true; break;
        case OPTION_PORT: a->port = optarg; break;
        case OPTION_NO_SERVICE: a->no_service = true; break;
        case OPTION_VERBOSE: cw_log_set_level(CW_LOG_DEBUG); break;
        case 'h':
        case OPTION_HELP: fputs(help, stdout); return EX_OK;
        case OPTION_VERSION: puts(version + 4); return EX_OK;
        default: return usage("That option is not known or lacks its value.");
        }
    }
    if (optind + 1 < argc)
        return usage("There is more than one HOST.");
    a->host = argv[optind];
    return -1;
}

/* Says whether the URL could be used. */
static bool use_proxy(const char *text)
{
    struct cw_proxy proxy;
    if (strlen(text) >= CW_PROXY_TEXT_BYTES || cw_proxy_parse(text, &proxy) != 0)
        return false;
    cw_dial_use_proxy(&proxy);
    OPENSSL_cleanse(&proxy, sizeof(proxy));
    return true;
}

static bool read_port(const char *text, uint16_t *ret_port)
{
    char *end = NULL;
    long port = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || port < 1024 || port > 65535)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

static int run_install(const struct arguments *a)
{
    struct cw_install_options o = {
        .token = a->token,
        .name = a->name,
        .tag = a->tag,
        .comments = a->comments,
        .state_dir = a->state_dir,
        .display_name = a->display,
        .proxy = a->proxy,
        .is_passive = a->is_passive,
        .has_service = !a->no_service,
    };
    if (a->token == NULL || a->identity == NULL || a->host == NULL)
        return usage("install needs --token TOKEN, --identity HEX and HOST[:PORT].");
    if (cw_identity_parse(a->identity, o.identity) != 0)
        return usage("--identity must be 64 hexadecimal digits.");
    if (cw_address_parse(a->host, &o.address) != 0)
        return usage("HOST[:PORT] is not a host name or address with a port of 1 to 65535.");
    if (a->port != NULL && !read_port(a->port, &o.port))
        return usage("--port must be 1024 to 65535.");
    return cw_install_run(&o);
}

static int run_device(const struct arguments *a, char *const *argv)
{
    struct cw_state state;
    char message[4400];
    if (a->host != NULL)
        return usage("run takes no HOST: it uses the one of install.");
    if (cw_state_load(a->state_dir, &state, message, sizeof(message)) != 0) {
        fprintf(stderr, "causeway-client: %s\n", message);
        return EX_CONFIG;
    }
    /* Given now, it is in use already. */
    if (a->proxy == NULL && state.proxy[0] != '\0' && !use_proxy(state.proxy)) {
        fprintf(stderr, "causeway-client: the proxy that install kept is not a URL.\n");
        return EX_CONFIG;
    }
    const struct cw_device_options o = {.state = &state,
                                        .state_dir = a->state_dir,
                                        .display_name = a->display,
                                        .argv = argv,
                                        .is_trial = a->is_trial};
    int exit_code = cw_device_run(&o);
    cw_state_wipe(&state);
    return exit_code;
}

static int run_customer(const struct arguments *a)
{
    struct cw_customer_options o = {
        .key = a->key,
        .button = a->button,
        .name = a->name,
        .display_name = a->display,
        .has_identity = a->identity != NULL,
    };
    if ((a->key == NULL) == (a->button == NULL) || a->host == NULL)
        return usage("A session needs --key KEY or --button SECRET, and HOST[:PORT].");
    if (a->identity != NULL && cw_identity_parse(a->identity, o.identity) != 0)
        return usage("--identity must be 64 hexadecimal digits.");
    if (cw_address_parse(a->host, &o.address) != 0)
        return usage("HOST[:PORT] is not a host name or address with a port of 1 to 65535.");
    return cw_customer_run(&o);
}

/* Text typed into the window is UTF-8 whatever the environment says. */
static void set_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    XSetLocaleModifiers("");
}

int main(int argc, char **argv)
{
    struct arguments a = {.state_dir = default_state_dir};
    const char *command = argc > 1 && argv[1][0] != '-' ? argv[1] : "";
    bool is_install = strcmp(command, "install") == 0, is_run = strcmp(command, "run") == 0;
    bool is_uninstall = strcmp(command, "uninstall") == 0;
    bool is_disable = strcmp(command, "disable") == 0, is_enable = strcmp(command, "enable") == 0;
    int skip = is_install || is_run || is_uninstall || is_disable || is_enable;
    set_locale();
    setvbuf(stdout, NULL, _IOLBF, 0);
    int exit_code = parse(argc - skip, argv + skip, &a);
    if (exit_code >= 0)
        return exit_code;
    if (a.proxy != NULL && !use_proxy(a.proxy))
        return usage("--proxy must be http://[user:password@]host[:port].");
    if (is_install)
        return run_install(&a);
    if (is_run)
        return run_device(&a, argv);
    if (is_uninstall)
        return cw_uninstall_run(a.state_dir, !a.no_service);
    if (is_disable || is_enable)
        return cw_disabled_run(a.state_dir, is_disable);
    return run_customer(&a);
}
