/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/http_request.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/front/front_limits.h"
#include "control/front/http_authorization.h"
#include "control/front/http_route.h"
#include "control/front/waiter.h"
#include "control/limits.h"
#include "control/portal/portal.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

/* What is refused by its head alone is answered in the handler's first call, and libmicrohttpd then closes
 * the connection instead of reading a body; everything else is answered in a later call and keeps it.
 *
 *   BODY --whole body--> (call) --0 or error--> ANSWERED
 *                        (call) --PENDING--> SUSPENDED --done/abandon--> RESUMED --handler--> ANSWERED
 *   BODY      head is checked, operation is known; bytes of the body arrive
 *   SUSPENDED libmicrohttpd leaves the connection alone; in the suspended list; control has the waiter
 *   RESUMED   err and reply hold the answer; the handler will be called again and sends it
 *   ANSWERED  a response is queued; nothing more is done */
enum request_state { REQUEST_BODY, REQUEST_SUSPENDED, REQUEST_RESUMED, REQUEST_ANSWERED };

struct cw_http_request {
    struct cw_waiter waiter; /* first: request->waiter is this request */
    struct cw_http_shared *shared;
    struct MHD_Connection *connection;
    struct cw_http_request *next; /* in the suspended list */
    enum request_state state;
    const struct cw_operation *operation; /* NULL: a page */
    uint32_t path_id;
    char *body;
    size_t body_size;
    size_t body_room;
    size_t received; /* including what was thrown away */
    bool is_too_large;
    bool is_crowded;                            /* all bodies together took too much */
    char token[CW_TOKEN_TEXT_BYTES + 1];        /* from the cookie; empty: none */
    struct cw_http_authorization authorization; /* a program's; then cookies do not count */
    char source[INET6_ADDRSTRLEN];
    const char *host; /* libmicrohttpd's, as long as the request lasts */
    int err;
    struct cw_reply reply;
};

/* Headers that decide; a second one of the same name is refused, because two readers might choose
 * differently. */
struct request_head {
    const char *origin;
    const char *content_type;
    const char *content_length;
    const char *transfer_encoding;
    const char *cookie;
    const char *authorization;
    const char *host;
    bool is_doubled;
};

static enum MHD_Result head_take(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct request_head *head = cls;
    (void)kind;
    const struct {
        const char *name;
        const char **to;
    } wanted[] = {
        {"Origin", &head->origin},
        {"Content-Type", &head->content_type},
        {"Content-Length", &head->content_length},
        {"Transfer-Encoding", &head->transfer_encoding},
        {"Cookie", &head->cookie},
        {"Authorization", &head->authorization},
        {"Host", &head->host},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strcasecmp(name, wanted[i].name) != 0)
            continue;
        head->is_doubled |= *wanted[i].to != NULL;
        *wanted[i].to = value != NULL ? value : "";
    }
    return MHD_YES;
}

static enum MHD_Result request_refuse(struct cw_http_request *r, unsigned status, const char *code,
                                      const char *message, const char *allow)
{
    struct cw_http_extra extra = {.allow = allow};
    r->state = REQUEST_ANSWERED;
    return cw_http_send_error(r->connection, &r->shared->headers, status, code, message, &extra);
}

static void request_set_source(struct cw_http_request *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL || info->client_addr->sa_family != AF_INET6)
        return;
    struct sockaddr_in6 a;
    memcpy(&a, info->client_addr, sizeof a);
    if (IN6_IS_ADDR_V4MAPPED(&a.sin6_addr))
        (void)inet_ntop(AF_INET, a.sin6_addr.s6_addr + 12, r->source, sizeof r->source);
    else
        (void)inet_ntop(AF_INET6, &a.sin6_addr, r->source, sizeof r->source);
}

/* RFC 6750 section 3. */
static enum MHD_Result request_refuse_token(struct cw_http_request *r, const char *message)
{
    struct cw_http_extra extra = {.www_authenticate =
                                      "Bearer realm=\"causeway\", error=\"invalid_token\""};
    r->state = REQUEST_ANSWERED;
    return cw_http_send_error(r->connection, &r->shared->headers, 401, "TOKEN", message, &extra);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static enum MHD_Result request_send_text(struct cw_http_request *r, unsigned status,
                                         const char *text, const char *allow)
{
    struct cw_http_extra extra = {.allow = allow};
    r->state = REQUEST_ANSWERED;
    return cw_http_send_text(r->connection, &r->shared->headers, status, text, &extra);
}

static enum MHD_Result request_send_ready(struct cw_http_request *r)
{
    const struct cw_http_config *config = &r->shared->config;
    const char *why = NULL;
    bool is_writable = cw_control_is_writable(config->control, &why);
    bool is_linked = config->engine_links(config->user) > 0;
    bool is_draining = cw_control_is_draining(config->control);
    if (is_writable && is_linked && !is_draining)
        return request_send_text(r, 200, "ready\n", NULL);
    char text[400];
    (void)snprintf(text, sizeof text, "not ready\n%s%s%s%s%s",
                   is_writable ? "" : "store: cannot be written: ",
                   is_writable ? "" : (why != NULL ? why : "reason unknown"),
                   is_writable ? "" : "\n", is_linked ? "" : "engine: no worker is linked\n",
                   is_draining ? "engine: it is being drained\n" : "");
    return request_send_text(r, 503, text, NULL);
}

/* A picture of a portal, from the store: its name has a hash of its bytes. */
static enum MHD_Result request_send_logo(struct cw_http_request *r, const char *path)
{
    static uint8_t bytes[CW_LOGO_BYTES_MAX]; /* the state thread's; too large for its stack */
    const char *type = NULL;
    size_t n = 0;
    int rc = cw_portal_logo(r->shared->config.control, path, bytes, &n, &type);
    if (rc != 0)
        return request_send_text(r, rc == CW_ERR_NOT_FOUND ? 404 : 500, "There is no such page.\n",
                                 NULL);
    r->state = REQUEST_ANSWERED;
    return cw_http_send_picture(r->connection, &r->shared->headers, bytes, n, type);
}

static enum MHD_Result request_send_page(struct cw_http_request *r, const char *path)
{
    const struct cw_http_config *config = &r->shared->config;
    struct cw_page page;
    if (strncmp(path, "/logos/", 7) == 0)
        return request_send_logo(r, path);
    const unsigned accepted = cw_pages_accepted(
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Accept-Encoding"));
    int rc = cw_pages_find(config->pages_dir, config->download_dir, path, accepted, &page);
    if (rc == CW_ERR_NOT_FOUND)
        return request_send_text(r, 404, "There is no such page.\n", NULL);
    if (rc == CW_ERR_STATE)
        return request_send_text(r, 503,
                                 "The console's pages are not installed on this appliance.\n"
                                 "Its operator builds them with \"make\" and sets pages_dir in "
                                 "causeway.conf to the folder that has console.html and "
                                 "portal.html.\n",
                                 NULL);
    if (rc != 0)
        return request_send_text(r, 500, "The page cannot be read.\n", NULL);
    r->state = REQUEST_ANSWERED;
    return cw_http_send_page(r->connection, &r->shared->headers, &page);
}

/* Whatever is not under /api/. */
static enum MHD_Result request_start_page(struct cw_http_request *r, const char *path,
                                          const char *method)
{
    bool is_health = strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0;
    if (!is_health && !cw_pages_is_page(path))
        return request_send_text(r, 404, "There is no such page.\n", NULL);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return request_send_text(r, 405, "This page can only be read.\n", "GET, HEAD");
    return MHD_YES;
}

static enum MHD_Result request_finish_page(struct cw_http_request *r, const char *path)
{
    if (strcmp(path, "/healthz") == 0)
        return request_send_text(r, 200, "ok\n", NULL);
    if (strcmp(path, "/readyz") == 0)
        return request_send_ready(r);
    return request_send_page(r, path);
}

/* ---- operations ------------------------------------------------------------------------------- */

static enum MHD_Result request_send_reply(struct cw_http_request *r)
{
    struct cw_http_extra extra = {.set_cookie = r->reply.set_cookie,
                                  .cookie_life_s = r->reply.cookie_life_s};
    const struct cw_http_headers *headers = &r->shared->headers;
    r->state = REQUEST_ANSWERED;
    if (r->err == 0 && r->reply.is_text) {
        extra.text_type = r->reply.text_type;
        extra.file_name = r->reply.file_name;
        extra.next = r->reply.next;
        return cw_http_send_text(r->connection, headers, 200,
                                 json_string_value(json_object_get(r->reply.json, "text")), &extra);
    }
    if (r->err == 0)
        return cw_http_send_json(r->connection, headers, 200, r->reply.json, &extra);
    if (r->err == CW_ERR_FULL)
        extra.retry_after_s = r->reply.retry_after_s > 0 ? r->reply.retry_after_s : 1;
    const char *code = cw_http_error_code(r->err, r->reply.code);
    const char *message = r->reply.message[0] != '\0' ? r->reply.message : cw_err_text(r->err);
    if (r->operation->is_oauth) {
        unsigned status = cw_http_oauth_status(r->err, r->reply.code);
        if (status == 401)
            extra.www_authenticate = "Basic realm=\"causeway\"";
        return cw_http_send_oauth_error(r->connection, headers, status,
                                        r->reply.code != NULL ? r->reply.code : "server_error",
                                        message, &extra);
    }
    return cw_http_send_error(r->connection, headers, cw_http_status(r->err, r->reply.code), code,
                              message, &extra);
}

/* control has the answer, now or later. */
static void request_done(struct cw_waiter *w, int err, struct cw_reply *reply)
{
    struct cw_http_request *r = (struct cw_http_request *)w;
    CW_CHECK(r->state == REQUEST_SUSPENDED, "an answer comes once, to a request that waits");
    struct cw_http_request **at = &r->shared->suspended;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->err = err;
    r->reply = *reply;
    reply->json = NULL;
    r->state = REQUEST_RESUMED;
    r->shared->must_run = true;
    MHD_resume_connection(r->connection);
}

void cw_http_requests_abandon(struct cw_http_shared *shared)
{
    while (shared->suspended != NULL) {
        struct cw_http_request *r = shared->suspended;
        cw_control_cancel(shared->config.control, &r->waiter);
        struct cw_reply reply = {.message =
                                     "The appliance is being restarted; try again in a moment."};
        request_done(&r->waiter, CW_ERR_CLOSED, &reply);
    }
}

static enum MHD_Result request_refuse_rate(struct cw_http_request *r, uint32_t wait_s)
{
    struct cw_http_extra extra = {.retry_after_s = wait_s};
    r->state = REQUEST_ANSWERED;
    return cw_http_send_error(r->connection, &r->shared->headers, 429, "FULL",
                              "This API account has asked too often; see Retry-After.", &extra);
}

static enum MHD_Result request_call(struct cw_http_request *r, const json_t *body)
{
    struct cw_control *control = r->shared->config.control;
    struct cw_request request = {
        .front = CW_FRONT_HTTP,
        .now_unix_ms = cw_control_now_unix_ms(control),
        .path_id = r->path_id,
        .body = body,
        .waiter = &r->waiter,
        .host = r->host,
    };
    (void)snprintf(request.source, sizeof request.source, "%s", r->source);
    if (r->authorization.scheme == CW_HTTP_BEARER) {
        uint32_t wait_s = 0;
        int rc = cw_control_bearer_find(control, r->authorization.secret, &request, &wait_s);
        if (rc == CW_ERR_FULL)
            return request_refuse_rate(r, wait_s);
        if (rc != 0)
            return request_refuse_token(
                r, "The token is unknown, has expired, or may not be used from this address.");
    }
    if (r->token[0] != '\0')
        (void)cw_control_sign_in_find(control, r->token, &request);
    r->err = cw_control_call(control, r->operation, &request, &r->reply);
    if (r->err != CW_OPERATION_PENDING)
        return request_send_reply(r);
    r->state = REQUEST_SUSPENDED;
    r->next = r->shared->suspended;
    r->shared->suspended = r;
    MHD_suspend_connection(r->connection);
    return MHD_YES;
}

struct request_query {
    json_t *body;
    unsigned count;
    char message[160];
};

/* MHD leaves escapes as they are (http.c); for free(). NULL: a bad one, or no memory. */
static char *query_decode(const char *text)
{
    size_t size = strlen(text);
    char *decoded = malloc(size + 1);
    if (decoded != NULL && cw_http_form_decode(text, size, decoded) != 0) {
        free(decoded);
        return NULL;
    }
    return decoded;
}

/* One parameter of the query; MHD_NO ends the iteration, message says why. */
static enum MHD_Result query_take(void *cls, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    struct request_query *q = cls;
    char *name = query_decode(key);
    char *text = query_decode(value != NULL ? value : "");
    (void)kind;
    if (name == NULL || text == NULL)
        (void)snprintf(q->message, sizeof q->message, "The query has a %% without two digits.");
    else if (++q->count > CW_HTTP_QUERY_MEMBERS_MAX)
        (void)snprintf(q->message, sizeof q->message, "The query has more than %d parameters.",
                       CW_HTTP_QUERY_MEMBERS_MAX);
    else if (json_object_get(q->body, name) != NULL)
        (void)snprintf(q->message, sizeof q->message, "The query has \"%.60s\" twice.", name);
    else if (json_object_set_new(q->body, name, json_string(text)) != 0)
        (void)snprintf(q->message, sizeof q->message, "The query is not UTF-8.");
    free(name);
    free(text);
    return q->message[0] == '\0' ? MHD_YES : MHD_NO;
}

/* What a reading request asks for is in its query. */
static enum MHD_Result request_finish_query(struct cw_http_request *r)
{
    struct request_query q = {.body = json_object()};
    (void)MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, query_take, &q);
    enum MHD_Result rc = q.message[0] != '\0' ? request_refuse(r, 400, "INVALID", q.message, NULL)
                                              : request_call(r, q.body);
    json_decref(q.body);
    return rc;
}

/* A client's id and secret come in the form or as HTTP Basic, which then counts alone. */
static enum MHD_Result request_finish_form(struct cw_http_request *r)
{
    const struct cw_http_authorization *a = &r->authorization;
    json_t *body = NULL;
    if (cw_http_form_parse(r->body != NULL ? r->body : "", r->body_size, &body) != 0)
        return request_refuse(r, 400, "INVALID", "The form is malformed.", NULL);
    if (a->scheme == CW_HTTP_BASIC) {
        (void)json_object_set_new(body, "client_id", json_string(a->user));
        (void)json_object_set_new(body, "client_secret", json_string(a->secret));
    }
    enum MHD_Result rc = request_call(r, body);
    json_decref(body);
    return rc;
}

static enum MHD_Result request_finish(struct cw_http_request *r, const char *path)
{
    if (r->operation == NULL)
        return request_finish_page(r, path);
    if (r->is_too_large)
        return request_refuse(r, 413, "TOO_LARGE", "The request is larger than 64 KB.", NULL);
    if (r->is_crowded)
        return request_refuse(r, 503, "UNAVAILABLE",
                              "The appliance is very busy; try again in a moment.", NULL);
    if (strcmp(r->operation->method, "GET") == 0)
        return request_finish_query(r);
    if (r->operation->is_oauth)
        return request_finish_form(r);
    json_t *body;
    if (r->body_size == 0) {
        body = json_object();
    } else {
        json_error_t error;
        body = json_loadb(r->body, r->body_size, JSON_REJECT_DUPLICATES, &error);
        if (body == NULL) {
            char message[240];
            (void)snprintf(message, sizeof message,
                           "The request is not valid JSON: %.100s at byte %d.", error.text,
                           error.position);
            return request_refuse(r, 400, "INVALID", message, NULL);
        }
    }
    if (!json_is_object(body)) {
        json_decref(body);
        return request_refuse(r, 400, "INVALID", "The request must be a JSON object.", NULL);
    }
    enum MHD_Result rc = request_call(r, body);
    json_decref(body);
    return rc;
}

/* Content-Length as a number; UINT64_MAX when it is none or huge. */
static uint64_t request_announced(const struct request_head *head)
{
    const char *text = head->content_length;
    if (text == NULL)
        return 0;
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n] != '\0')
        return UINT64_MAX;
    return strtoull(text, NULL, 10);
}

static enum MHD_Result request_start_operation(struct cw_http_request *r, const char *path,
                                               const char *method, const struct request_head *head)
{
    char allow[CW_HTTP_ALLOW_BYTES];
    int rc = cw_http_route(r->shared->config.operations, method, path, &r->operation, &r->path_id,
                           allow);
    if (rc == CW_ERR_STATE)
        return request_refuse(r, 405, "METHOD", "This method is not possible here.", allow);
    if (rc != 0)
        return request_refuse(r, 404, "NOT_FOUND", "There is no such operation.", NULL);
    bool is_reading = strcmp(r->operation->method, "GET") == 0;
    uint64_t announced = request_announced(head);
    bool has_body = announced > 0 || head->transfer_encoding != NULL;
    /* Only a browser sends a cookie that its owner did not mean to; a program's word is its own. */
    bool is_program = r->authorization.scheme != CW_HTTP_NONE || r->operation->is_oauth;
    if (!is_reading && !is_program &&
        (head->origin == NULL ||
         !cw_http_origin_is_one_of(head->origin, r->shared->config.public_origin))) {
        char detail[200];
        (void)snprintf(detail, sizeof detail, "Origin %.100s is not one of public_origin",
                       head->origin != NULL ? head->origin : "(none)");
        cw_control_audit_refusal(r->shared->config.control, r->source, r->operation->name, detail);
        return request_refuse(
            r, 403, "ORIGIN",
            "The request comes from a page of another site; open the console at the "
            "appliance's own address.",
            NULL);
    }
    if (is_reading && has_body)
        return request_refuse(r, 400, "INVALID", "A reading request has no body.", NULL);
    if (announced > CW_HTTP_BODY_BYTES_MAX)
        return request_refuse(r, 413, "TOO_LARGE", "The request is larger than 64 KB.", NULL);
    if (r->operation->is_oauth && has_body &&
        (head->content_type == NULL || !cw_http_is_form_type(head->content_type)))
        return request_refuse(r, 415, "CONTENT_TYPE",
                              "The request must be a form (Content-Type: "
                              "application/x-www-form-urlencoded).",
                              NULL);
    if (has_body && !r->operation->is_oauth &&
        (head->content_type == NULL || !cw_http_is_json_type(head->content_type)))
        return request_refuse(r, 415, "CONTENT_TYPE",
                              "The request must be JSON (Content-Type: application/json).", NULL);
    return MHD_YES;
}

/* Where the body ends must be said in exactly one way: another reader of the same bytes could see a
 * second request in it. libmicrohttpd closes the connection after an answer that comes before a body. */
static bool request_is_ambiguous(const struct request_head *head)
{
    return head->transfer_encoding != NULL &&
           (head->content_length != NULL || strcasecmp(head->transfer_encoding, "chunked") != 0);
}

static enum MHD_Result request_start(struct cw_http_request *r, const char *path,
                                     const char *method)
{
    struct request_head head = {0};
    request_set_source(r);
    (void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, head_take, &head);
    if (head.is_doubled)
        return request_refuse(r, 400, "INVALID", "A header that may come once came twice.", NULL);
    if (request_is_ambiguous(&head))
        return request_refuse(r, 400, "INVALID",
                              "The request does not say in one way where its body ends.", NULL);
    r->host = head.host;
    if (strncmp(path, "/api/", 5) != 0)
        return request_start_page(r, path, method);
    if (head.authorization != NULL &&
        cw_http_authorization_parse(head.authorization, &r->authorization) != 0)
        return request_refuse_token(
            r, "Authorization must be a bearer token, or HTTP Basic for a token.");
    if (head.cookie != NULL && head.authorization == NULL &&
        !cw_http_cookie_token(head.cookie, r->token, sizeof r->token))
        r->token[0] = '\0';
    return request_start_operation(r, path, method, &head);
}

/* Keeps the bytes if they fit; what does not fit is counted and thrown away, so that the answer can
 * be given when the body has ended. MHD_NO: it does not end. */
static enum MHD_Result request_take(struct cw_http_request *r, const char *data, size_t n)
{
    r->received += n;
    if (r->received > CW_HTTP_SWALLOW_BYTES_MAX)
        return MHD_NO;
    if (r->received > CW_HTTP_BODY_BYTES_MAX)
        r->is_too_large = true;
    if (r->is_too_large || r->is_crowded)
        return MHD_YES;
    if (r->body_size + n > r->body_room) {
        size_t room = r->body_room == 0 ? 1024 : r->body_room;
        while (room < r->body_size + n)
            room *= 2;
        char *grown = NULL;
        if (r->shared->bodies_bytes + (room - r->body_room) <= CW_HTTP_BODIES_BYTES_MAX)
            grown = realloc(r->body, room);
        if (grown == NULL) {
            r->is_crowded = true;
            return MHD_YES;
        }
        r->shared->bodies_bytes += room - r->body_room;
        r->body = grown;
        r->body_room = room;
    }
    memcpy(r->body + r->body_size, data, n);
    r->body_size += n;
    return MHD_YES;
}

enum MHD_Result cw_http_request_handle(void *cls, struct MHD_Connection *connection,
                                       const char *path, const char *method, const char *version,
                                       const char *data, size_t *data_size, void **con_cls)
{
    (void)version;
    struct cw_http_request *r = *con_cls;
    if (r == NULL) {
        r = calloc(1, sizeof *r);
        if (r == NULL)
            return MHD_NO;
        r->waiter.done = request_done;
        r->shared = cls;
        r->connection = connection;
        *con_cls = r;
        return request_start(r, path, method);
    }
    switch (r->state) {
    case REQUEST_BODY:
        if (*data_size > 0) {
            enum MHD_Result rc = request_take(r, data, *data_size);
            *data_size = 0;
            return rc;
        }
        return request_finish(r, path);
    case REQUEST_RESUMED: return request_send_reply(r);
    case REQUEST_SUSPENDED:
    case REQUEST_ANSWERED: *data_size = 0; return MHD_YES;
    }
    return MHD_NO;
}

void cw_http_request_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                               enum MHD_RequestTerminationCode why)
{
    struct cw_http_request *r = *con_cls;
    (void)cls;
    (void)connection;
    (void)why;
    if (r == NULL)
        return;
    CW_CHECK(r->state != REQUEST_SUSPENDED, "libmicrohttpd ends no suspended request");
    r->shared->bodies_bytes -= r->body_room;
    /* Passwords pass through here. */
    if (r->body != NULL)
        explicit_bzero(r->body, r->body_room);
    free(r->body);
    json_decref(r->reply.json);
    explicit_bzero(r, sizeof *r);
    free(r);
    *con_cls = NULL;
}
