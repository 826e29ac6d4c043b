/* SPDX-License-Identifier: Apache-2.0 */
#include "control/courier/post.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/courier/syslog.h"
#include "engine/base/err.h"
#include "engine/base/version.h"

enum { SENT_LOOK_MS = 10 };

struct post {
    struct post *next;
    uint64_t id;
    bool is_syslog;
    bool
        is_sent; /* syslog: all of it is the kernel's, and waits for the other end's confirmation */
    size_t body_bytes;
    uint64_t until_ms; /* syslog: when that took too long */
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t received;
    char error[CURL_ERROR_SIZE];
};

struct cw_posts {
    CURLM *multi;
    struct post *running;
    unsigned count;
    cw_post_done_fn done;
    void *user;
};

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int cw_posts_new(cw_post_done_fn done, void *user, struct cw_posts **ret_posts)
{
    struct cw_posts *p = calloc(1, sizeof *p);

    if (p == NULL)
        return CW_ERR_NOMEM;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (p->multi = curl_multi_init()) == NULL) {
        free(p);
        return CW_ERR_NOMEM;
    }
    p->done = done;
    p->user = user;
    *ret_posts = p;
    return 0;
}

static void post_free(struct cw_posts *p, struct post *post)
{
    struct post **at = &p->running;

    while (*at != NULL && *at != post)
        at = &(*at)->next;
    if (*at != NULL) {
        *at = post->next;
        p->count--;
    }
    if (post->easy != NULL) {
        (void)curl_multi_remove_handle(p->multi, post->easy);
        curl_easy_cleanup(post->easy);
    }
    curl_slist_free_all(post->headers);
    free(post->body);
    free(post);
}

void cw_posts_drop(struct cw_posts *p)
{
    while (p->running != NULL)
        post_free(p, p->running);
}

void cw_posts_free(struct cw_posts *p)
{
    if (p == NULL)
        return;
    cw_posts_drop(p);
    (void)curl_multi_cleanup(p->multi);
    curl_global_cleanup();
    free(p);
}

/* Counts what a receiver answers and keeps none of it. */
static size_t swallow(char *data, size_t size, size_t count, void *user)
{
    struct post *post = user;
    const size_t n = size * count;

    (void)data;
    post->received += n;
    return post->received <= CW_POST_ANSWER_BYTES_MAX ? n : 0;
}

/* A connection and nothing else; libcurl looks names up, verifies certificates and keeps the time. */
static bool syslog_set(struct post *post, const char *url)
{
    const bool is_tls = strncmp(url, CW_SYSLOG_TLS, sizeof CW_SYSLOG_TLS - 1) == 0;
    CURL *e = post->easy;
    char as_http[512];
    int n = snprintf(as_http, sizeof as_http, "%s%s", is_tls ? "https://" : "http://",
                     url + sizeof CW_SYSLOG_TLS - 1); /* both schemes are as long */

    return n > 0 && (size_t)n < sizeof as_http &&
           curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_URL, as_http) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_SSL_ENABLE_ALPN, 0L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK;
}

static bool https_set(struct post *post, const char *url)
{
    CURL *e = post->easy;

    return curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_bytes) ==
               CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POSTFIELDS, post->body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HTTPHEADER, post->headers) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_USERAGENT, "Causeway/" CW_VERSION) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
}

static bool post_set(struct post *post, const struct cw_post_job *job)
{
    CURL *e = post->easy;
    struct curl_blob ca = {.flags = CURL_BLOB_COPY};
    bool good = post->is_syslog ? syslog_set(post, job->url) : https_set(post, job->url);

    good = good && curl_easy_setopt(e, CURLOPT_PRIVATE, post) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)CW_POST_TIME_MS_MAX) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                                    (long)CW_POST_CONNECT_TIME_MS_MAX) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_WRITEDATA, post) == CURLE_OK;
    good = good && curl_easy_setopt(e, CURLOPT_ERRORBUFFER, post->error) == CURLE_OK;
    if (good && job->ca != NULL) {
        ca.data = (void *)(uintptr_t)job->ca;
        ca.len = strlen(job->ca);
        good = curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &ca) == CURLE_OK &&
               curl_easy_setopt(e, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return good;
}

int cw_posts_begin(struct cw_posts *p, const struct cw_post_job *job)
{
    struct post *post = NULL;

    if (p->count >= CW_POSTS_MAX)
        return CW_ERR_FULL;
    if (strncmp(job->url, CW_SYSLOG_UDP, sizeof CW_SYSLOG_UDP - 1) == 0) {
        const char *why = cw_syslog_datagram(job->url, job->body, job->body_bytes);
        p->done(p->user, job->id, why == NULL ? 200 : 0, why == NULL ? "" : why);
        return 0;
    }
    const bool is_syslog = strncmp(job->url, CW_SYSLOG_TLS, sizeof CW_SYSLOG_TLS - 1) == 0 ||
                           strncmp(job->url, CW_SYSLOG_TCP, sizeof CW_SYSLOG_TCP - 1) == 0;
    if (!is_syslog && strncmp(job->url, "https://", 8) != 0)
        return CW_ERR_INVALID;
    post = calloc(1, sizeof *post);
    if (post == NULL)
        return CW_ERR_NOMEM;
    post->id = job->id;
    post->is_syslog = is_syslog;
    post->body_bytes = job->body_bytes;
    post->until_ms = now_ms() + CW_POST_TIME_MS_MAX;
    post->next = p->running;
    p->running = post;
    p->count++;
    post->easy = curl_easy_init();
    post->body = malloc(job->body_bytes + 1);
    if (post->body != NULL)
        memcpy(post->body, job->body, job->body_bytes);
    for (size_t i = 0; i < CW_POST_HEADERS_MAX && job->headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(post->headers, job->headers[i]);
        if (longer != NULL)
            post->headers = longer;
    }
    if (post->easy == NULL || post->body == NULL || !post_set(post, job) ||
        curl_multi_add_handle(p->multi, post->easy) != CURLM_OK) {
        post_free(p, post);
        return CW_ERR_INVALID;
    }
    return 0;
}

static void end(struct cw_posts *p, struct post *post, long status, const char *why)
{
    const uint64_t id = post->id;

    post_free(p, post);
    p->done(p->user, id, status, why);
}

/* The connection to a syslog receiver is there. A message is far smaller than what a socket takes at once. */
static void syslog_send(struct cw_posts *p, struct post *post)
{
    size_t n = 0;

    if (curl_easy_send(post->easy, post->body, post->body_bytes, &n) != CURLE_OK ||
        n != post->body_bytes)
        end(p, post, 0, "it did not take the message");
    else
        post->is_sent = true;
}

static void post_over(struct cw_posts *p, struct post *post, CURLcode result)
{
    char why[CURL_ERROR_SIZE + 8] = "";
    long status = 0;

    if (result == CURLE_OK && post->is_syslog) {
        syslog_send(p, post);
        return;
    }
    if (result == CURLE_OK)
        (void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    else if (result == CURLE_WRITE_ERROR)
        (void)snprintf(why, sizeof why, "the answer is too long");
    else
        (void)snprintf(why, sizeof why, "%s",
                       post->error[0] != '\0' ? post->error : curl_easy_strerror(result));
    end(p, post, status, why);
}

/* Those whose message is out: done when the other end has it. */
static bool check_sent(struct cw_posts *p)
{
    const uint64_t at_ms = now_ms();
    bool some_wait = false;
    struct post *next = NULL;

    for (struct post *post = p->running; post != NULL; post = next) {
        curl_socket_t fd = -1;
        next = post->next;
        if (!post->is_sent)
            continue;
        (void)curl_easy_getinfo(post->easy, CURLINFO_ACTIVESOCKET, &fd);
        switch (cw_syslog_state(fd)) {
        case CW_SYSLOG_TAKEN: end(p, post, 200, ""); break;
        case CW_SYSLOG_LOST: end(p, post, 0, "the connection was lost"); break;
        case CW_SYSLOG_WAITS:
            if (at_ms >= post->until_ms)
                end(p, post, 0, "it did not confirm the message in time");
            else
                some_wait = true;
            break;
        }
    }
    return some_wait;
}

int cw_posts_turn(struct cw_posts *p, int fd, short events, int wait_ms)
{
    struct curl_waitfd extra = {.fd = fd, .events = events};
    int running = 0;
    int left = 0;
    CURLMsg *m = NULL;

    if (check_sent(p) && wait_ms > SENT_LOOK_MS)
        wait_ms = SENT_LOOK_MS;
    if (curl_multi_poll(p->multi, &extra, fd >= 0 ? 1 : 0, wait_ms, NULL) != CURLM_OK ||
        curl_multi_perform(p->multi, &running) != CURLM_OK)
        return CW_ERR_IO;
    while ((m = curl_multi_info_read(p->multi, &left)) != NULL) {
        char *private = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode result = m->data.result;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        post_over(p, (struct post *)(void *)private, result);
    }
    return extra.revents;
}
