#include "broker/sqlite/limits.h"

#include <string.h>

#include "base/text.h"
#include "broker/sqlite/tables.h"

enum {
    LIMITS_ARENA_BYTES = 16 * 1024 * 1024,
    HOLDS_MAX = 1000, /* in one exchange, so that a backlog does not stop the writer */
};

/* How many more of a slot may run, as far as this transaction knows. */
struct slot_room {
    struct slot_room *next; /* of the same hash */
    const char *slot;
    int64_t left;
    bool counts_starts;
};

void bq_limits_init(struct claim_limits *limits)
{
    *limits = (struct claim_limits){.holds_left = HOLDS_MAX};
    bq_arena_init(&limits->arena, LIMITS_ARENA_BYTES);
}

void bq_limits_clear(struct claim_limits *limits)
{
    bq_arena_clear(&limits->arena);
}

static struct barq_scalar slot_of(const struct bq_limit *limit)
{
    bool limited = limit->name && limit->name[0] != '\0';

    return limited ? barq_sql_text(limit->name) : barq_sql_null();
}

static bool is_limited(const struct bq_limit_rule *rule)
{
    return slot_of(&rule->all).kind != BARQ_NULL || slot_of(&rule->each_key).kind != BARQ_NULL;
}

/* `*changed` is set when anything is another than it was. */
static enum barq_status set_rule(struct queue_tx *tx, int64_t queue,
                                 const struct bq_limit_rule *rule, bool *changed)
{
    enum barq_status status;

    if (is_limited(rule)) {
        status = bq_tx_exec(
            tx,
            "INSERT INTO barq_limits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            " ON CONFLICT (queue, function) DO UPDATE SET slot = ?3, max_running = ?4,"
            " max_starts = ?5, per_ms = ?6, key_slot = ?7, key_max_running = ?8,"
            " key_max_starts = ?9, key_per_ms = ?10"
            " WHERE (slot, max_running, max_starts, per_ms) IS NOT (?3, ?4, ?5, ?6)"
            " OR (key_slot, key_max_running, key_max_starts, key_per_ms) IS NOT (?7, ?8, ?9, ?10)",
            barq_sql_text(rule->function), barq_sql_int(queue), slot_of(&rule->all),
            barq_sql_int(rule->all.max_running), barq_sql_int(rule->all.max_starts),
            barq_sql_int(rule->all.per_ms), slot_of(&rule->each_key),
            barq_sql_int(rule->each_key.max_running), barq_sql_int(rule->each_key.max_starts),
            barq_sql_int(rule->each_key.per_ms));
    } else {
        status = bq_tx_exec(tx, "DELETE FROM barq_limits WHERE queue = ?1 AND function = ?2",
                            barq_sql_int(queue), barq_sql_text(rule->function));
    }
    *changed = *changed || (status == BARQ_OK && bq_db_changes(tx->db) > 0);
    return status;
}

/* One name is one limit, wherever it is said. */
static enum barq_status share_rule(struct queue_tx *tx, const struct bq_limit_rule *rule)
{
    enum barq_status status = bq_tx_exec(
        tx, "UPDATE barq_limits SET max_running = ?2, max_starts = ?3, per_ms = ?4 WHERE slot = ?1",
        slot_of(&rule->all), barq_sql_int(rule->all.max_running),
        barq_sql_int(rule->all.max_starts), barq_sql_int(rule->all.per_ms));
    if (status != BARQ_OK) {
        return status;
    }
    return bq_tx_exec(
        tx,
        "UPDATE barq_limits SET key_max_running = ?2, key_max_starts = ?3, key_per_ms = ?4"
        " WHERE key_slot = ?1",
        slot_of(&rule->each_key), barq_sql_int(rule->each_key.max_running),
        barq_sql_int(rule->each_key.max_starts), barq_sql_int(rule->each_key.per_ms));
}

enum barq_status bq_tx_set_limits(struct queue_tx *tx, const struct worker_queues *queues,
                                  const struct bq_limit_rule *rules, size_t count)
{
    enum barq_status status = BARQ_OK;
    bool changed = false;

    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        for (size_t q = 0; status == BARQ_OK && q < queues->count; q++) {
            status = set_rule(tx, queues->all[q].queue, &rules[i], &changed);
        }
        if (status == BARQ_OK && changed && is_limited(&rules[i])) {
            status = share_rule(tx, &rules[i]);
        }
    }
    if (status != BARQ_OK || !changed) {
        return status;
    }
    /* What was over its limit may not be any more, or no more be limited by that. */
    tx->woke = true;
    return bq_tx_exec(tx, "UPDATE barq_slots SET look_at = ?1, judged_turn = ?2, judged_seq = 0",
                      barq_sql_int(tx->now_ms), barq_sql_int(INT64_MIN));
}

static const char *keep(struct claim_limits *limits, const char *text)
{
    return bq_arena_strdup(&limits->arena, text ? text : "");
}

static bool take_rule(struct claim_limits *limits, const struct bq_rows *row)
{
    limits->rules[limits->n_rules] =
        (struct bq_limit_rule){.function = keep(limits, bq_rows_text(row, 0)),
                               .all = {.name = keep(limits, bq_rows_text(row, 1)),
                                       .max_running = (int)bq_rows_int(row, 2),
                                       .max_starts = (int)bq_rows_int(row, 3),
                                       .per_ms = bq_rows_int(row, 4)},
                               .each_key = {.name = keep(limits, bq_rows_text(row, 5)),
                                            .max_running = (int)bq_rows_int(row, 6),
                                            .max_starts = (int)bq_rows_int(row, 7),
                                            .per_ms = bq_rows_int(row, 8)}};
    const struct bq_limit_rule *rule = &limits->rules[limits->n_rules++];
    return rule->function && rule->all.name && rule->each_key.name;
}

static enum barq_status no_memory(struct queue_tx *tx)
{
    return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no memory for the limits of a queue");
}

enum barq_status bq_tx_read_limits(struct queue_tx *tx, struct claim_limits *limits, int64_t queue)
{
    const struct barq_scalar params[] = {barq_sql_int(queue)};
    bq_auto(rows) struct bq_rows *rows = NULL;
    int64_t count = 0;
    bool more = false;

    if (limits->queue == queue) {
        return BARQ_OK;
    }
    enum barq_status status = bq_db_query_int(
        tx->db, "SELECT count(*) FROM barq_limits WHERE queue = ?1", params, 1, 0, &count, tx->err);
    if (status == BARQ_OK) {
        status = bq_tx_query(tx, &rows,
                             "SELECT function, slot, max_running, max_starts, per_ms, key_slot,"
                             " key_max_running, key_max_starts, key_per_ms FROM barq_limits"
                             " WHERE queue = ?1 ORDER BY function",
                             barq_sql_int(queue));
    }
    limits->queue = queue;
    limits->n_rules = 0;
    limits->rules = bq_arena_array(&limits->arena, (size_t)count + 1, sizeof(*limits->rules));
    if (status == BARQ_OK) {
        status = limits->rules ? bq_rows_next(rows, &more, tx->err) : no_memory(tx);
    }
    while (status == BARQ_OK && more) {
        status = take_rule(limits, rows) ? bq_rows_next(rows, &more, tx->err) : no_memory(tx);
    }
    return status;
}

static enum barq_status count_running(struct queue_tx *tx, const struct bq_limit *limit,
                                      const char *slot, int64_t *left)
{
    const struct barq_scalar params[] = {barq_sql_text(slot), barq_sql_int(limit->max_running)};
    bool key = strchr(slot, '\n') != NULL;
    int64_t running = 0;

    if (limit->max_running == 0) {
        return BARQ_OK;
    }
    enum barq_status status = bq_db_query_int(
        tx->db,
        key ? "SELECT count(*) FROM (SELECT 1 FROM barq_running WHERE key_slot = ?1 LIMIT ?2)"
            : "SELECT count(*) FROM (SELECT 1 FROM barq_running WHERE slot = ?1 LIMIT ?2)",
        params, 2, 0, &running, tx->err);
    *left = limit->max_running - running < *left ? limit->max_running - running : *left;
    return status;
}

static enum barq_status count_starts(struct queue_tx *tx, const struct bq_limit *limit,
                                     const char *slot, int64_t *left, int64_t *again_at_ms)
{
    /* What started later than a window from now was started by a clock that was wrong. */
    const struct barq_scalar params[] = {
        barq_sql_text(slot), barq_sql_int(tx->now_ms - limit->per_ms),
        barq_sql_int(tx->now_ms + limit->per_ms), barq_sql_int(limit->max_starts - 1)};
    int64_t starts = 0;
    int64_t last_at_ms = 0;

    if (limit->max_starts == 0) {
        return BARQ_OK;
    }
    enum barq_status status = bq_db_query_int(tx->db,
                                              "SELECT count(*) FROM barq_starts"
                                              " WHERE slot = ?1 AND at > ?2 AND at <= ?3",
                                              params, 3, 0, &starts, tx->err);
    *left = limit->max_starts - starts < *left ? limit->max_starts - starts : *left;
    if (status != BARQ_OK || starts < limit->max_starts) {
        return status;
    }
    /* When of the newest `max_starts` the oldest has left the window. */
    status = bq_db_query_int(tx->db,
                             "SELECT at FROM barq_starts WHERE slot = ?1 AND at > ?2"
                             " AND at <= ?3 ORDER BY at DESC LIMIT 1 OFFSET ?4",
                             params, 4, tx->now_ms, &last_at_ms, tx->err);
    *again_at_ms = last_at_ms + limit->per_ms;
    return status;
}

enum barq_status bq_tx_room(struct queue_tx *tx, const struct bq_limit *limit, const char *slot,
                            int64_t *left, int64_t *again_at_ms)
{
    *left = INT64_MAX;
    *again_at_ms = 0;
    enum barq_status status = count_running(tx, limit, slot, left);

    return status == BARQ_OK ? count_starts(tx, limit, slot, left, again_at_ms) : status;
}

/* That of a slot, which is looked for once in a transaction. */
static enum barq_status find_room(struct queue_tx *tx, struct claim_limits *limits,
                                  const struct bq_limit *limit, const char *slot,
                                  struct slot_room **out)
{
    struct slot_room **bucket = &limits->rooms[bq_hash(slot, strlen(slot)) % LIMIT_ROOMS];
    int64_t again_at_ms;

    for (struct slot_room *at = *bucket; at; at = at->next) {
        if (strcmp(at->slot, slot) == 0) {
            *out = at;
            return BARQ_OK;
        }
    }
    struct slot_room *room = bq_arena_alloc(&limits->arena, sizeof(*room));
    const char *name = keep(limits, slot);
    if (!room || !name) {
        return no_memory(tx);
    }
    *room =
        (struct slot_room){.next = *bucket, .slot = name, .counts_starts = limit->max_starts > 0};
    *bucket = *out = room;
    return bq_tx_room(tx, limit, slot, &room->left, &again_at_ms);
}

bool bq_tx_has_expired(const struct queue_tx *tx, int64_t expires_at, int64_t claimed_before)
{
    return expires_at != 0 && expires_at < tx->now_ms && claimed_before != BEFORE_CLAIMED;
}

static const struct bq_limit_rule *find_rule(const struct claim_limits *limits,
                                             const char *function)
{
    for (size_t i = 0; i < limits->n_rules; i++) {
        if (strcmp(limits->rules[i].function, function) == 0) {
            return &limits->rules[i];
        }
    }
    return NULL;
}

enum barq_status bq_tx_find_slots(struct queue_tx *tx, struct claim_limits *limits,
                                  const char *function, const char *key, struct job_slots *out)
{
    enum barq_status status = BARQ_OK;

    *out = (struct job_slots){.rule = find_rule(limits, function)};
    if (!out->rule) {
        return BARQ_OK;
    }
    if (out->rule->all.name[0] != '\0') {
        status = find_room(tx, limits, &out->rule->all, out->rule->all.name, &out->all);
    }
    if (status == BARQ_OK && key && out->rule->each_key.name[0] != '\0') {
        const char *slot = bq_arena_format(&limits->arena, "%s\n%s", out->rule->each_key.name, key);
        status =
            slot ? find_room(tx, limits, &out->rule->each_key, slot, &out->key) : no_memory(tx);
    }
    return status;
}

static const char *name_if_full(const struct slot_room *room)
{
    return room && room->left <= 0 ? room->slot : NULL;
}

/* By its key's if it can be: so it is not in the way of those of other keys. */
const char *bq_slots_full(const struct job_slots *slots, const char *slot)
{
    const char *all = name_if_full(slots->all);
    const char *key = name_if_full(slots->key);

    if (all && slot && strcmp(all, slot) == 0) {
        return all;
    }
    return key ? key : all;
}

void bq_limits_forget_rooms(struct claim_limits *limits)
{
    memset(limits->rooms, 0, sizeof(limits->rooms));
}

bool bq_slots_count_starts(const struct job_slots *slots)
{
    return (slots->all && slots->all->counts_starts) || (slots->key && slots->key->counts_starts);
}

void bq_slots_take(const struct job_slots *slots)
{
    if (slots->all) {
        slots->all->left--;
    }
    if (slots->key) {
        slots->key->left--;
    }
}

const char *bq_slots_all(const struct job_slots *slots)
{
    return slots->all ? slots->all->slot : NULL;
}

const char *bq_slots_key(const struct job_slots *slots)
{
    return slots->key ? slots->key->slot : NULL;
}

const struct bq_limit *bq_limits_of_slot(const struct claim_limits *limits, const char *slot)
{
    size_t len = strcspn(slot, "\n");
    bool key = slot[len] == '\n';

    for (size_t i = 0; i < limits->n_rules; i++) {
        const struct bq_limit_rule *rule = &limits->rules[i];
        const struct bq_limit *limit = key ? &rule->each_key : &rule->all;

        if (strlen(limit->name) == len && strncmp(limit->name, slot, len) == 0) {
            return limit;
        }
    }
    return NULL;
}
