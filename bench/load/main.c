/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-load: a load generator for the engine, and for any TLS relay. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "bench/load/run.h"
#include "engine/base/version.h"
#include "engine/wire/setting.h"

static const struct cw_scenario *const scenarios[] = {
    &cw_scenario_bulk,       &cw_scenario_pingpong, &cw_scenario_fanout, &cw_scenario_idle,
    &cw_scenario_handshakes, &cw_scenario_input,    &cw_scenario_storm,  &cw_scenario_churn,
};
enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static const char usage_text[] =
    "Usage: causeway-load SCENARIO --target causeway --run-dir DIR [OPTION]... HOST:PORT\n"
    "       causeway-load SCENARIO --target plain-relay --backend PORT [OPTION]... HOST:PORT\n"
    "Loads a relay at HOST (an IPv4 address) and PORT and says what it delivered.\n"
    "\nScenarios\n";
static const char options_text[] =
    "\nTargets\n"
    "  --target causeway      an engine whose control is not running: the load plays control\n"
    "  --target plain-relay   any TLS 1.3 relay; the load is its clients and its servers\n"
    "  --run-dir DIR          causeway: run_dir of the engine's configuration\n"
    "  --backend PORT         plain-relay: port of 127.0.0.1 to which the relay connects by TLS\n"
    "\nLoad\n"
    "  --sessions N           sessions (bulk 8, storm 10, churn 0, others 1)\n"
    "  --viewers N            fanout: viewers of each session (16)\n"
    "  --slow N, --stalled N  fanout: of these, how many read 320 KB/s, or nothing\n"
    "  --connections N        idle, storm, churn: connections (1000)\n"
    "  --hold S               churn: how long a connection stays on average (2)\n"
    "  --size BYTES           a message, frame header included (bulk 16384, pingpong 64)\n"
    "  --rate N               messages a second in each session (as many as go)\n"
    "  --window N             messages that may be unacknowledged in a session (64)\n"
    "  --file                 input: with a file in the same connections\n"
    "  --hello                handshakes: through the authenticated hello\n"
    "  --connect-rate N       new connections a second (as many as go)\n"
    "  --concurrency N        connections being made at once (64)\n"
    "  --first N              number of the first session or device (another one each time)\n"
    "  --processes N          load processes (1)\n"
    "  --source ADDRESS       source of the first process; the next ones use the next (127.0.1.1\n"
    "                         for a loopback target)\n"
    "  --set NAME=VALUE       causeway: a setting of the engine, as causewayctl set (repeatable)\n"
    "  --congestion NAME      TCP congestion control of the load's sockets\n"
    "  --spin                 never sleep: latencies without the load's own wake-ups\n"
    "\nTime and result\n"
    "  --seconds S            how long to measure (5)\n"
    "  --warm-up S            before that (1)\n"
    "  --pid PID              account this process and its children to the relay (repeatable)\n"
    "  --json FILE            write the figures as JSON too; -: standard output, and no table\n"
    "  --help, --version\n"
    "\nExit status: 0; 64 wrong usage; 70 no work was done, or something was lost, corrupt or\n"
    "refused; 75 interrupted. Every byte that is delivered is checked.\n";

static void usage(FILE *to)
{
    (void)fputs(usage_text, to);
    for (unsigned i = 0; i < SCENARIOS; i++)
        (void)fprintf(to, "  %-12s %s%s\n", scenarios[i]->name, scenarios[i]->summary,
                      (scenarios[i]->targets & CW_TARGET_PLAIN) == 0 ? " (causeway only)" : "");
    (void)fputs(options_text, to);
}

__attribute__((format(printf, 1, 2))) static bool wrong(const char *format, ...)
{
    va_list args;
    (void)fputs("causeway-load: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputs("\nTry causeway-load --help.\n", stderr);
    return false;
}

static bool read_count(const char *name, const char *text, unsigned long most, unsigned *ret)
{
    char *end = NULL;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || v > most)
        return wrong("--%s takes a whole number up to %lu, not \"%s\"", name, most, text);
    *ret = (unsigned)v;
    return true;
}

static bool read_number(const char *name, const char *text, double most, double *ret)
{
    char *end = NULL;
    errno = 0;
    double v = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(v >= 0 && v <= most))
        return wrong("--%s takes a number from 0 to %g, not \"%s\"", name, most, text);
    *ret = v;
    return true;
}

static bool read_address(const char *text, struct sockaddr_in *ret)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    unsigned port = 0;
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return wrong("\"%s\" is not ADDRESS:PORT", text);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    *ret = (struct sockaddr_in){.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &ret->sin_addr) != 1)
        return wrong("\"%s\" is not an IPv4 address", host);
    if (!read_count("port", colon + 1, 65535, &port) || port == 0)
        return false;
    ret->sin_port = htons((uint16_t)port);
    return true;
}

static bool read_pid(const char *text, struct cw_options *o)
{
    unsigned pid = 0;
    if (o->pid_count == CW_LOAD_PIDS_MAX)
        return wrong("--pid may come %d times", CW_LOAD_PIDS_MAX);
    if (!read_count("pid", text, 1u << 22, &pid))
        return false;
    o->pids[o->pid_count++] = (pid_t)pid;
    return true;
}

/* NAME=VALUE, both as causewayctl set takes them. */
static bool read_setting(const char *text, struct cw_options *o)
{
    char why[200];
    char name[64];
    size_t size = strcspn(text, "=");
    if (o->setting_count == CW_CONTROL_SETTINGS_MAX)
        return wrong("--set may come %d times", CW_CONTROL_SETTINGS_MAX);
    if (text[size] != '=' || size >= sizeof name)
        return wrong("--set takes NAME=VALUE, not \"%s\"", text);
    memcpy(name, text, size);
    name[size] = '\0';
    struct cw_control_setting *s = &o->settings[o->setting_count];
    enum cw_setting which = cw_setting_find(name, size);
    if (which == CW_SETTING_COUNT)
        return wrong("--set: the engine has no setting %s", name);
    if (cw_setting_parse(which, text + size + 1, &s->value, why, sizeof why) != 0)
        return wrong("--set %s: %s", name, why);
    s->name = text;
    s->name_bytes = size;
    o->setting_count++;
    return true;
}

static bool read_target(const char *text, struct cw_options *o)
{
    if (strcmp(text, "causeway") == 0)
        o->target = CW_TARGET_CAUSEWAY;
    else if (strcmp(text, "plain-relay") == 0)
        o->target = CW_TARGET_PLAIN;
    else
        return wrong("--target is causeway or plain-relay, not \"%s\"", text);
    return true;
}

enum { NUMBERS_MAX = 1000000 };

static bool read_option(int option, const char *name, const char *text, struct cw_options *o)
{
    unsigned port = 0;
    switch (option) {
    case 't': return read_target(text, o);
    case 'd': o->run_dir = text; return true;
    case 'b':
        if (!read_count(name, text, 65535, &port))
            return false;
        o->backend_port = (uint16_t)port;
        return true;
    case 's': return read_count(name, text, NUMBERS_MAX, &o->sessions);
    case 'v': return read_count(name, text, NUMBERS_MAX, &o->viewers);
    case 'l': return read_count(name, text, NUMBERS_MAX, &o->slow);
    case 'k': return read_count(name, text, NUMBERS_MAX, &o->stalled);
    case 'n': return read_count(name, text, NUMBERS_MAX, &o->connections);
    case 'z': return read_count(name, text, CW_FRAME_BYTES_MAX, &o->size);
    case 'r': return read_number(name, text, 1e9, &o->rate_per_s);
    case 'o': return read_number(name, text, 3600, &o->hold_s);
    case 'w': return read_count(name, text, NUMBERS_MAX, &o->window);
    case 'F': o->use_file = true; return true;
    case 'h': o->use_hello = true; return true;
    case 'R': return read_number(name, text, 1e9, &o->connect_rate_per_s);
    case 'c': return read_count(name, text, NUMBERS_MAX, &o->concurrency);
    case 'f': return read_count(name, text, NUMBERS_MAX, &o->first);
    case 'p': return read_count(name, text, CW_LOAD_PROCESSES_MAX, &o->processes);
    case 'S':
        return inet_pton(AF_INET, text, &o->source) == 1 ||
               wrong("--source takes an IPv4 address, not \"%s\"", text);
    case 'C': o->congestion = text; return true;
    case 'x': o->use_spin = true; return true;
    case 'T': return read_number(name, text, 86400, &o->seconds);
    case 'W': return read_number(name, text, 3600, &o->warm_up_s);
    case 'P': return read_pid(text, o);
    case 'e': return read_setting(text, o);
    case 'j': o->json = text; return true;
    default: return false;
    }
}

static bool check(struct cw_options *o)
{
    char why[200];
    if (o->target == CW_TARGET_NONE)
        return wrong("--target is missing");
    if ((o->scenario->targets & (unsigned)o->target) == 0)
        return wrong("%s needs --target causeway", o->scenario->name);
    if (o->target == CW_TARGET_CAUSEWAY && o->run_dir == NULL)
        return wrong("--run-dir is missing: the load plays control there");
    if (o->target == CW_TARGET_PLAIN && o->backend_port == 0)
        return wrong("--backend is missing: the port behind the relay");
    if (o->first == 0) /* other numbers at each run: the engine remembers sessions for a while */
        o->first = (uint32_t)((uint64_t)time(NULL) % 40000 * 100000 + 1);
    if (o->processes == 0 || o->concurrency < o->processes || o->window == 0 || o->seconds <= 0)
        return wrong("--processes, --window and --seconds are at least 1, and "
                     "--concurrency at least --processes");
    if (o->source.s_addr == 0 && ntohl(o->to.sin_addr.s_addr) >> 24 == 127)
        o->source.s_addr = htonl(0x7F000101);
    return o->scenario->prepare(o, why, sizeof why) || wrong("%s", why);
}

static const struct option longs[] = {
    {"target", required_argument, NULL, 't'},
    {"run-dir", required_argument, NULL, 'd'},
    {"backend", required_argument, NULL, 'b'},
    {"sessions", required_argument, NULL, 's'},
    {"viewers", required_argument, NULL, 'v'},
    {"slow", required_argument, NULL, 'l'},
    {"stalled", required_argument, NULL, 'k'},
    {"connections", required_argument, NULL, 'n'},
    {"hold", required_argument, NULL, 'o'},
    {"size", required_argument, NULL, 'z'},
    {"rate", required_argument, NULL, 'r'},
    {"window", required_argument, NULL, 'w'},
    {"file", no_argument, NULL, 'F'},
    {"hello", no_argument, NULL, 'h'},
    {"connect-rate", required_argument, NULL, 'R'},
    {"concurrency", required_argument, NULL, 'c'},
    {"first", required_argument, NULL, 'f'},
    {"processes", required_argument, NULL, 'p'},
    {"source", required_argument, NULL, 'S'},
    {"congestion", required_argument, NULL, 'C'},
    {"spin", no_argument, NULL, 'x'},
    {"set", required_argument, NULL, 'e'},
    {"seconds", required_argument, NULL, 'T'},
    {"warm-up", required_argument, NULL, 'W'},
    {"pid", required_argument, NULL, 'P'},
    {"json", required_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'H'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
    struct cw_options o = {
        .window = 64, .concurrency = 64, .processes = 1, .seconds = 5, .warm_up_s = 1};
    int option;
    int which = 0;
    while ((option = getopt_long(argc, argv, "", longs, &which)) != -1) {
        if (option == 'H') {
            usage(stdout);
            return EX_OK;
        }
        if (option == 'V') {
            (void)puts("causeway-load " CW_VERSION);
            return EX_OK;
        }
        if (option == '?') {
            (void)fputs("Try causeway-load --help.\n", stderr);
            return EX_USAGE;
        }
        if (!read_option(option, longs[which].name, optarg, &o))
            return EX_USAGE;
    }
    if (argc - optind != 2) {
        (void)wrong("it takes a scenario and HOST:PORT");
        return EX_USAGE;
    }
    for (unsigned i = 0; i < SCENARIOS; i++) {
        if (strcmp(argv[optind], scenarios[i]->name) == 0)
            o.scenario = scenarios[i];
    }
    if (o.scenario == NULL) {
        (void)wrong("\"%s\" is not a scenario", argv[optind]);
        return EX_USAGE;
    }
    if (!read_address(argv[optind + 1], &o.to) || !check(&o))
        return EX_USAGE;
    return cw_run(&o);
}
