/*
 * What an attempt says of itself while it runs: how far it is, what it logs,
 * and where in its executor's output its own has ended.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/log.h"
#include "base/text.h"

/* Is there an attempt that the dispatcher still hears of? */
static bool is_heard(const struct barq_context *ctx)
{
    return ctx->run.attempt != 0 && !ctx->ended;
}

void barq_progress(struct barq_context *ctx, int64_t done, int64_t total, const char *note)
{
    if (is_heard(ctx)) {
        bq_desk_progress(ctx->place->seat, done, total, note ? note : "");
    }
}

static enum bq_log_level own_level(enum barq_log_level level)
{
    switch (level) {
    case BARQ_LOG_DEBUG:
        return BQ_LOG_DEBUG;
    case BARQ_LOG_WARN:
        return BQ_LOG_WARN;
    case BARQ_LOG_ERROR:
        return BQ_LOG_ERROR;
    case BARQ_LOG_INFO:
    default:
        return BQ_LOG_INFO;
    }
}

/* At once: it may be the job's last words. */
static void post(struct barq_context *ctx, enum barq_log_level level, const char *line)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_said said = {
        .attempt = ctx->run.attempt,
        .level = level,
        .dropped = ctx->log_dropped,
        .line = line,
    };

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_said_put(&body, &said);
    bq_desk_post(ctx->place->desk, BQ_MSG_LOG, &body, true);
    ctx->log_dropped = 0;
}

/* What is beyond its limit is counted here already: a handler that logs without end keeps nobody else busy. */
static void say(struct barq_context *ctx, enum barq_log_level level, const char *line)
{
    int64_t limit = bq_output_max_bytes(ctx);
    int64_t bytes = (int64_t)strlen(line) + 1;

    if (limit > 0 && bytes > limit - ctx->logged_bytes) {
        ctx->logged_bytes = limit;
        ctx->log_dropped += bytes;
        return;
    }
    ctx->logged_bytes += bytes;
    post(ctx, level, line);
}

void barq_log(struct barq_context *ctx, enum barq_log_level level, const char *format, ...)
{
    char line[BARQ_LOG_LINE_MAX_BYTES + 8]; /* so that a character is cut by us only */
    enum bq_log_level own = own_level(level);
    va_list values;

    if (!bq_log_wanted(own)) {
        return;
    }
    va_start(values, format);
    int written = vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    if (written < 0) {
        return;
    }
    line[bq_utf8_cut(line, strlen(line), BARQ_LOG_LINE_MAX_BYTES)] = '\0';
    if (is_heard(ctx)) {
        say(ctx, level, line);
    } else if (ctx->run.attempt != 0) {
        bq_log_write(own, line,
                     BQ_LOG_PAIRS(bq_str("job", ctx->run.claimed.job.id),
                                  bq_str("function", ctx->record.function)));
    } else {
        bq_log_write(own, line, BQ_LOG_PAIRS());
    }
}

/* Was there anything to flush? A thread that is stuck in a print must not hold up the others. */
static bool flush_stdout(void)
{
    bool some = true;

    if (ftrylockfile(stdout) == 0) {
        some = __fpending(stdout) > 0;
        (void)fflush_unlocked(stdout);
        funlockfile(stdout);
    }
    return some;
}

static bool is_unread(int fd)
{
    int bytes = 0;

    return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/*
 * Pipe and socket are two ways, so that the dispatcher could not tell whose is what it reads, or has read, from the
 * pipe when it hears the outcome. To mark each end costs a write: where nobody prints that is left out, until one is
 * seen to.
 */
static bool mark_output(const struct barq_context *ctx)
{
    struct bq_seat *seat = ctx->place->seat;
    int fd = ctx->place->desk->output_fd;
    char mark[BQ_OUTPUT_MARK_BYTES];

    if (fd < 0) {
        return false;
    }
    seat->prints = flush_stdout() || seat->prints || is_unread(fd);
    if (!seat->prints) {
        return false;
    }
    bq_output_mark(mark, ctx->run.attempt, ctx->place->desk->output_key);
    return write(fd, mark, strlen(mark)) > 0;
}

bool bq_say_end(struct barq_context *ctx)
{
    bq_desk_tell(ctx->place->seat);
    if (ctx->log_dropped > 0) {
        post(ctx, BARQ_LOG_WARN, "");
    }
    ctx->ended = true;
    return mark_output(ctx);
}
