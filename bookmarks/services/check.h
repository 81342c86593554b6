/*
 * check.h - does a key, a model, a program work? One cheap call each, and what is wrong in words.
 */
#ifndef BM_CHECK_H
#define BM_CHECK_H

#include "services/settings.h"

enum { BM_CHECK_BYTES = 400 };

struct bm_check {
    bool works;
    char text[BM_CHECK_BYTES]; /* one sentence for the person, never with a key in it */
    struct bm_verdict verdict; /* its service, and the units that it cost */
    struct bm_usage usage;     /* of a model */
};

/* Asks for one video, which costs a unit of the day's quota. */
void bm_check_youtube(const struct bm_services_settings *settings, int cancel_fd, int64_t now_ms,
                      struct bm_check *out);

/* Asks the settings' model for one small object, so that key, model, mode and address are tried. */
void bm_check_model(const struct bm_services_settings *settings, int cancel_fd, int64_t now_ms,
                    struct bm_check *out);

/* Asks oEmbed for one video: is youtube.com to be reached at all? */
void bm_check_web(const struct bm_services_settings *settings, int cancel_fd, struct bm_check *out);

/* Runs it for its version. */
void bm_check_ytdlp(const struct bm_services_settings *settings, int cancel_fd,
                    struct bm_check *out);

#endif
