/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/install.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/agent/exchange.h"
#include "clients/agent/loop.h"
#include "clients/agent/state.h"
#include "clients/agent/system.h"
#include "engine/base/err.h"

static const char unit_path[] = "/etc/systemd/system/causeway-client.service";

/* ---- enrolment -------------------------------------------------------------------------------- */

static json_t *enrolment_body(const struct cw_install_options *o, const uint8_t *public_key)
{
    char hostname[256], platform[256];
    cw_system_hostname(hostname, sizeof(hostname));
    cw_system_platform(platform, sizeof(platform));
    json_t *body = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s*, s:s*}", "token", o->token, "key",
                             cw_json_base64(public_key, CW_KEY_BYTES), "name",
                             o->name != NULL ? o->name : hostname, "hostname", hostname, "platform",
                             platform, "tag", o->tag, "comments", o->comments);
    if (body != NULL && o->is_passive)
        (void)json_object_set_new(body, "mode", json_string("passive"));
    if (body != NULL && o->port != 0)
        (void)json_object_set_new(body, "port", json_integer(o->port));
    return body;
}

/* Waits for the answer. */
static int ask(struct cw_exchange *x)
{
    struct cw_loop loop;
    if (cw_loop_init(&loop) != 0)
        return CW_ERR_IO;
    for (;;) {
        struct pollfd p;
        int err = cw_exchange_process(x, cw_now_ns());
        if (err != CW_ERR_AGAIN)
            return err;
        cw_loop_begin(&loop);
        cw_loop_until(&loop, cw_conn_poll(&x->conn, &p));
        cw_loop_add(&loop, p.fd, p.events);
        if (!cw_loop_wait(&loop)) {
            snprintf(x->text, sizeof(x->text), "Interrupted.");
            return CW_ERR_CLOSED;
        }
    }
}

/* The credential must be a device ticket for the key that was just made. */
static bool take_credential(const json_t *reply, const uint8_t *public_key, struct cw_state *state)
{
    struct cw_ticket ticket;
    return cw_json_bytes(reply, "credential", state->credential, sizeof(state->credential)) == 0 &&
           cw_ticket_decode(state->credential, sizeof(state->credential), &ticket) == 0 &&
           ticket.kind == CW_TICKET_KIND_DEVICE &&
           memcmp(ticket.holder_key, public_key, CW_KEY_BYTES) == 0;
}

static int enrol(const struct cw_install_options *o, struct cw_state *state)
{
    uint8_t public_key[CW_KEY_BYTES];
    state->address = o->address;
    memcpy(state->identity, o->identity, sizeof(state->identity));
    if (RAND_bytes(state->secret_seed, sizeof(state->secret_seed)) != 1 ||
        cw_key_public(state->secret_seed, public_key) != 0) {
        fprintf(stderr, "causeway-client: This computer gives no random numbers.\n");
        return EX_OSERR;
    }
    json_t *body = enrolment_body(o, public_key);
    struct cw_exchange *x = calloc(1, sizeof(*x));
    int exit_code = 0;
    if (x == NULL || body == NULL ||
        cw_exchange_start(x, &o->address, o->identity, CW_HELLO_ENROLMENT, body) != 0) {
        fprintf(stderr, "causeway-client: The token or the name is too long or not UTF-8.\n");
        exit_code = EX_USAGE;
    } else {
        int err = ask(x);
        if (err == 0 && !take_credential(x->reply, public_key, state)) {
            fprintf(stderr,
                    "causeway-client: The appliance's answer makes no sense to this program.\n");
            exit_code = EX_PROTOCOL;
        } else if (err != 0) {
            fprintf(stderr, "causeway-client: %s\n", x->text);
            exit_code =
                err == CW_ERR_DENIED || err == CW_ERR_SIGNATURE ? EX_NOPERM : EX_UNAVAILABLE;
        }
        cw_exchange_stop(x);
    }
    json_decref(body);
    free(x);
    return exit_code;
}

/* ---- service ---------------------------------------------------------------------------------- */

/* A value inside a unit file: no specifier, no quote, no line feed. */
static bool is_plain(const char *text)
{
    return text[strcspn(text, "%\"\\\n\r$")] == '\0';
}

/* The program's folder, where upgrades go; empty where programs of others are. */
static void own_folder(const char *program, char *out, size_t size)
{
    static const char *const shared[] = {"/usr/", "/bin/", "/sbin/", "/tmp/", "/home/"};
    snprintf(out, size, "%.*s", (int)(strrchr(program, '/') - program), program);
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (strncmp(program, shared[i], strlen(shared[i])) == 0)
            out[0] = '\0';
}

static int write_unit(const struct cw_install_options *o, const char *program)
{
    char unit[4096], own[1024];
    const char *display = o->display_name != NULL ? o->display_name : ":0";
    const char *authority = getenv("XAUTHORITY");
    if (!is_plain(program) || !is_plain(o->state_dir) || !is_plain(display) ||
        (authority != NULL && !is_plain(authority))) {
        fprintf(stderr,
                "causeway-client: A path or display holds a character that a unit file cannot.\n");
        return EX_USAGE;
    }
    own_folder(program, own, sizeof(own));
    int n = snprintf(unit, sizeof(unit),
                     "# Written by causeway-client install.\n"
                     "[Unit]\n"
                     "Description=Causeway Jump Client\n"
                     "Wants=network-online.target\n"
                     "After=network-online.target display-manager.service\n"
                     "StartLimitIntervalSec=0\n"
                     "ConditionPathExists=%s/client.json\n\n"
                     "[Service]\n"
                     "ExecStart=\"%s\" run --state-dir \"%s\" --display \"%s\"\n"
                     "%s%s%s"
                     "Restart=always\n"
                     "RestartSec=5\n"
                     "RestartPreventExitStatus=%d %d\n"
                     "NoNewPrivileges=yes\n"
                     "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_IPC_OWNER\n"
                     "ProtectSystem=strict\n"
                     "ReadWritePaths=\"%s\"%s%s%s\n"
                     "ProtectHome=read-only\n"
                     "PrivateDevices=yes\n"
                     "ProtectKernelTunables=yes\n"
                     "ProtectKernelModules=yes\n"
                     "ProtectKernelLogs=yes\n"
                     "ProtectControlGroups=yes\n"
                     "ProtectClock=yes\n"
                     "ProtectHostname=yes\n"
                     "ProtectProc=invisible\n"
                     "DevicePolicy=closed\n"
                     "KeyringMode=private\n"
                     "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
                     "RestrictNamespaces=yes\n"
                     "RestrictRealtime=yes\n"
                     "RestrictSUIDSGID=yes\n"
                     "LockPersonality=yes\n"
                     "MemoryDenyWriteExecute=yes\n"
                     "SystemCallArchitectures=native\n"
                     "SystemCallFilter=@system-service\n"
                     "SystemCallFilter=~@privileged @resources\n"
                     "SystemCallErrorNumber=EPERM\n"
                     "UMask=0077\n\n"
                     "[Install]\n"
                     "WantedBy=multi-user.target\n",
                     o->state_dir, program, o->state_dir, display,
                     authority != NULL ? "Environment=\"XAUTHORITY=" : "",
                     authority != NULL ? authority : "", authority != NULL ? "\"\n" : "", EX_NOPERM,
                     EX_CONFIG, o->state_dir, own[0] != '\0' ? " \"" : "", own,
                     own[0] != '\0' ? "\"" : "");
    if (n < 0 || n >= (int)sizeof(unit) || cw_file_replace(unit_path, unit, (size_t)n, 0644) != 0) {
        fprintf(stderr, "causeway-client: Cannot write \"%s\": %s.\n", unit_path, strerror(errno));
        return EX_CANTCREAT;
    }
    return 0;
}

/* Runs systemctl; false when it is not there or failed. */
static bool systemctl(const char *verb, const char *option, const char *unit)
{
    extern char **environ;
    char words[4][64] = {"systemctl"};
    char *const arguments[] = {words[0], words[1], option[0] != '\0' ? words[2] : NULL, words[3],
                               NULL};
    pid_t pid;
    int status = 0;
    snprintf(words[1], sizeof(words[1]), "%s", verb);
    snprintf(words[2], sizeof(words[2]), "%s", option);
    snprintf(words[3], sizeof(words[3]), "%s", unit);
    if (access("/run/systemd/system", F_OK) != 0)
        return false; /* systemd does not run here: a container, an image being built */
    if (posix_spawnp(&pid, "systemctl", NULL, NULL, arguments, environ) != 0)
        return false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int install_service(const struct cw_install_options *o)
{
    char program[1024];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (n <= 0) {
        fprintf(stderr, "causeway-client: Cannot find this program's own file.\n");
        return EX_OSERR;
    }
    program[n] = '\0';
    if (!o->has_service) {
        printf("Run it with: %s run --state-dir %s%s%s\n", program, o->state_dir,
               o->display_name != NULL ? " --display " : "",
               o->display_name != NULL ? o->display_name : "");
        return 0;
    }
    int exit_code = write_unit(o, program);
    if (exit_code != 0)
        return exit_code;
    printf("Wrote %s.\n", unit_path);
    if (systemctl("daemon-reload", "", "") &&
        systemctl("enable", "--now", "causeway-client.service"))
        printf("The service causeway-client runs and starts with this computer.\n");
    else
        printf(
            "Start it with: systemctl daemon-reload && systemctl enable --now causeway-client\n");
    return 0;
}

/* ---- commands --------------------------------------------------------------------------------- */

int cw_install_run(const struct cw_install_options *options)
{
    char message[4400];
    struct cw_state state;
    memset(&state, 0, sizeof(state));
    if (cw_state_check_free(options->state_dir, message, sizeof(message)) != 0) {
        fprintf(stderr, "causeway-client: %s\n", message);
        return EX_CANTCREAT;
    }
    if (options->proxy != NULL)
        snprintf(state.proxy, sizeof(state.proxy), "%s", options->proxy);
    int exit_code = enrol(options, &state);
    if (exit_code == 0 &&
        cw_state_save(options->state_dir, &state, message, sizeof(message)) != 0) {
        fprintf(stderr, "causeway-client: %s\n", message);
        exit_code = EX_CANTCREAT;
    }
    cw_state_wipe(&state);
    if (exit_code != 0)
        return exit_code;
    printf("Enrolled. The credential is kept in %s.\n", options->state_dir);
    return install_service(options);
}

int cw_uninstall_self(const char *state_dir)
{
    char message[4400];
    /* The unit's file may be out of reach of the service; without the credential it does not start. */
    if (access(unit_path, F_OK) == 0)
        (void)systemctl("disable", "", "causeway-client.service");
    (void)unlink(unit_path);
    int err = cw_state_remove(state_dir, message, sizeof(message));
    if (err != 0)
        fprintf(stderr, "causeway-client: %s\n", message);
    return err;
}

int cw_uninstall_run(const char *state_dir, bool has_service)
{
    char message[4400];
    bool had_unit = has_service && access(unit_path, F_OK) == 0;
    if (had_unit) {
        (void)systemctl("disable", "--now", "causeway-client.service");
        if (unlink(unit_path) != 0) {
            fprintf(stderr, "causeway-client: Cannot remove \"%s\": %s.\n", unit_path,
                    strerror(errno));
            return EX_NOPERM;
        }
        (void)systemctl("daemon-reload", "", "");
    }
    if (cw_state_remove(state_dir, message, sizeof(message)) != 0) {
        fprintf(stderr, "causeway-client: %s\n", message);
        return had_unit ? 0 : EX_NOINPUT;
    }
    printf("Removed. The appliance still lists this computer until somebody removes it there.\n");
    return 0;
}
