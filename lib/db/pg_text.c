/*
 * A statement's text, read far enough to know its params, its words and its end. What PostgreSQL would
 * read otherwise it refuses itself; strings are as standard_conforming_strings has them.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/pg.h"

struct lexer {
    const char *at;
    struct bq_buf *out;
    struct bq_pg_text *text;
    int words; /* so far */
    int depth; /* of BEGIN ATOMIC ... END in a function's body */
};

static bool begins_word(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool continues_word(char c)
{
    return begins_word(c) || isdigit((unsigned char)c) || c == '$';
}

static void copy_to(struct lexer *lexer, const char *end)
{
    bq_buf_put(lexer->out, lexer->at, (size_t)(end - lexer->at));
    lexer->at = end;
}

/* Behind the quote that ends what begins at `at`; one that is doubled does not. */
static const char *skip_quoted(const char *at, bool backslashes)
{
    char quote = *at++;

    while (*at && (*at != quote || at[1] == quote)) {
        bool pair = *at == quote || (backslashes && *at == '\\' && at[1]);
        at += pair ? 2 : 1;
    }
    return *at ? at + 1 : at;
}

/* Comments nest. */
static const char *skip_comment(const char *at)
{
    int depth = 0;

    do {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            depth--;
            at += 2;
        } else {
            at++;
        }
    } while (depth > 0 && *at);
    return at;
}

/* A body in dollars may name what is barq's, too. */
static void look_within(struct lexer *lexer, const char *from, const char *end)
{
    for (; from + 5 <= end; from++) {
        if (strncasecmp(from, "barq_", 5) == 0) {
            lexer->text->traits |= BQ_PG_OWN;
        }
    }
}

/* "$1", "$tag$...$tag$", or only a dollar. */
static void read_dollar(struct lexer *lexer)
{
    const char *end = lexer->at + 1;

    if (isdigit((unsigned char)*end)) {
        size_t number = 0;
        for (; isdigit((unsigned char)*end); end++) {
            number = number > BQ_PG_PARAMS_MAX ? number : number * 10 + (size_t)(*end - '0');
        }
        lexer->text->n_params = number > lexer->text->n_params ? number : lexer->text->n_params;
        copy_to(lexer, end);
        return;
    }
    while (*end != '$' && continues_word(*end)) {
        end++;
    }
    if (*end != '$') {
        copy_to(lexer, lexer->at + 1);
        return;
    }
    size_t len = (size_t)(end + 1 - lexer->at);
    const char *close = memmem(end + 1, strlen(end + 1), lexer->at, len);
    end = close ? close + len : end + strlen(end);
    look_within(lexer, lexer->at, end);
    copy_to(lexer, end);
}

/* "?1" is "$1"; a question mark alone is an operator of jsonb. */
static void read_question(struct lexer *lexer)
{
    if (!isdigit((unsigned char)lexer->at[1])) {
        copy_to(lexer, lexer->at + 1);
        return;
    }
    const char *end = lexer->at + 1;
    while (isdigit((unsigned char)*end)) {
        end++;
    }
    size_t number = 0;
    for (const char *at = lexer->at + 1; at < end; at++) {
        number = number > BQ_PG_PARAMS_MAX ? number : number * 10 + (size_t)(*at - '0');
    }
    lexer->text->n_params = number > lexer->text->n_params ? number : lexer->text->n_params;
    bq_buf_printf(lexer->out, "$%zu", number);
    lexer->at = end;
}

static bool is(const char *word, size_t len, const char *what)
{
    return strlen(what) == len && strncasecmp(word, what, len) == 0;
}

/* In CREATE FUNCTION ... BEGIN ATOMIC ...; ...; END semicolons end nothing. */
static void count_depth(struct lexer *lexer, const char *word, size_t len)
{
    bool begins = is(word, len, "begin") || (lexer->depth > 0 && is(word, len, "case"));

    if (strcmp(lexer->text->word, "create") != 0) {
        return;
    }
    lexer->depth += begins;
    lexer->depth -= lexer->depth > 0 && is(word, len, "end");
}

static void note_word(struct lexer *lexer, const char *word, size_t len)
{
    struct bq_pg_text *text = lexer->text;
    bool first = text->word[0] == '\0';

    text->traits |= bq_pg_traits_of(word, len, first);
    for (size_t i = 0; first && i < len && i < BQ_PG_WORD_BYTES - 1; i++) {
        text->word[i] = (char)tolower((unsigned char)word[i]);
    }
    /* SET LOCAL and SET CONSTRAINTS end with the transaction; later words are values. */
    lexer->words++;
    if (strcmp(text->word, "set") == 0 && lexer->words == 2 &&
        (is(word, len, "local") || is(word, len, "constraints"))) {
        text->traits &= ~(unsigned)(BQ_PG_ENDS | BQ_PG_DIRTIES);
    }
    if (strcmp(text->word, "set") == 0 && is(word, len, "transaction")) {
        text->traits |= BQ_PG_ENDS;
    }
    count_depth(lexer, word, len);
}

static void read_word(struct lexer *lexer)
{
    const char *end = lexer->at;

    while (continues_word(*end)) {
        end++;
    }
    size_t len = (size_t)(end - lexer->at);
    bool escapes = *end == '\'' && is(lexer->at, len, "e");
    if (escapes) {
        copy_to(lexer, skip_quoted(end, true));
        return;
    }
    note_word(lexer, lexer->at, len);
    copy_to(lexer, end);
}

static void read_name(struct lexer *lexer)
{
    const char *end = skip_quoted(lexer->at, false);
    size_t len = (size_t)(end - lexer->at);

    if (len > 2) {
        lexer->text->traits |= bq_pg_traits_of(lexer->at + 1, len - 2, false) & BQ_PG_OWN;
    }
    copy_to(lexer, end);
}

/* Numbers, operators, brackets. */
static void read_other(struct lexer *lexer)
{
    const char *end = lexer->at + 1;

    while (isdigit((unsigned char)lexer->at[0]) && continues_word(*end)) {
        end++;
    }
    if (lexer->text->word[0] == '\0' && !isspace((unsigned char)lexer->at[0])) {
        lexer->text->word[0] = lexer->at[0]; /* "(SELECT 1)" */
    }
    copy_to(lexer, end);
}

static void read_one(struct lexer *lexer)
{
    const char *at = lexer->at;

    if (at[0] == '-' && at[1] == '-') {
        copy_to(lexer, at + strcspn(at, "\r\n"));
    } else if (at[0] == '/' && at[1] == '*') {
        copy_to(lexer, skip_comment(at));
    } else if (*at == '\'') {
        copy_to(lexer, skip_quoted(at, false));
    } else if (*at == '"') {
        read_name(lexer);
    } else if (*at == '$') {
        read_dollar(lexer);
    } else if (*at == '?') {
        read_question(lexer);
    } else if (begins_word(*at)) {
        read_word(lexer);
    } else {
        read_other(lexer);
    }
}

enum barq_status bq_pg_read(struct barq_arena *arena, const char *text, struct bq_pg_text *out,
                            struct barq_error *err)
{
    bq_auto(buf) struct bq_buf sql;
    struct lexer lexer = {.at = text, .out = &sql, .text = out};

    *out = (struct bq_pg_text){.sql = NULL};
    bq_buf_init(&sql, BQ_PG_TEXT_MAX_BYTES);
    while (*lexer.at && (*lexer.at != ';' || lexer.depth > 0)) {
        read_one(&lexer);
    }
    out->rest = *lexer.at ? lexer.at + 1 : lexer.at;
    out->sql = sql.failed ? NULL : bq_arena_strndup(arena, sql.data ? sql.data : "", sql.len);
    if (!out->sql) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no memory for the statement");
    }
    if (out->n_params > BQ_PG_PARAMS_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: a statement has at most %d params",
                       BQ_PG_PARAMS_MAX);
    }
    return BARQ_OK;
}
