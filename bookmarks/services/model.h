/*
 * model.h - one question to a language model, and its answer: Gemini, or any
 * server that speaks like OpenAI's (Ollama, llama.cpp, vLLM, OpenRouter, ...).
 */
#ifndef BM_MODEL_H
#define BM_MODEL_H

#include <barq/value.h>

#include "base/arena.h"
#include "services/outcome.h"

/* How a server like OpenAI's is told what the answer must look like. */
enum bm_mode {
    BM_MODE_STRUCTURED, /* response_format json_schema: the server enforces it */
    BM_MODE_JSON,       /* response_format json_object, the schema in words */
    BM_MODE_PLAIN,      /* in words only */
    BM_MODES,
};
const char *bm_mode_name(enum bm_mode mode); /* "structured", "json", "plain" */
bool bm_mode_parse(const char *name, enum bm_mode *out);

enum {
    BM_MODEL_TIMEOUT_MS = 180 * 1000,   /* a small machine reads a transcript for minutes */
    BM_MODEL_OUTPUT_TOKENS = 8192,      /* unless set */
    BM_GEMINI_CONTEXT_TOKENS = 1000000, /* unless set */
    BM_OPENAI_CONTEXT_TOKENS = 8192,    /* unless set: servers at home have small ones */
    BM_MODEL_ANSWER_MAX_BYTES = 4 * 1024 * 1024,
};

/* US dollars for a million tokens, which is millionths of a dollar for one; 0: not known. */
struct bm_price {
    double in;
    double out;
};

/* Which one, and where. Text is borrowed; zero is the default. */
struct bm_model {
    enum bm_service service; /* GEMINI or OPENAI; NONE: there is none */
    const char *base_url;    /* NULL: the service's own; of OPENAI with its "/v1" */
    const char *key;         /* never in an error or a log; NULL: none is sent */
    const char *name;        /* "gemini-2.5-flash" */
    enum bm_mode mode;       /* of OPENAI */
    int64_t context_tokens;  /* what question and answer may have together */
    int64_t output_tokens;   /* of the answer */
    int64_t timeout_ms;      /* of the whole call */
    struct bm_price price;
};

/* Text is borrowed for the call. */
struct bm_question {
    const char *instructions;
    const char *text;
    const char *video_url;           /* to be watched: of GEMINI only; NULL */
    const struct barq_value *schema; /* a JSON Schema of an object; NULL: the answer is text */
};

struct bm_usage {
    int64_t tokens_in;
    int64_t tokens_out;      /* also those of its thoughts */
    int64_t cost_millionths; /* of a US dollar; 0 when the price is not known */
};

struct bm_model_answer {
    const struct barq_value *value; /* a map, when there was a schema: not checked against it */
    const char *text;               /* as it came */
    const char *version;            /* of the model, as it calls itself; NULL: it doesn't */
    struct bm_usage usage;          /* filled in every case: a failed answer costs, too */
};

/*
 * Asks, and waits. `*out` is in `arena`; unless it is BARQ_OK, only its usage.
 *
 * BARQ_ERR_CANCELED, BARQ_ERR_CONN, BARQ_ERR_TIMEOUT, BARQ_ERR_FORMAT, BARQ_ERR_LIMIT,
 * BARQ_ERR_NOMEM   RETRY (or CANCELED)
 * BARQ_ERR_BUSY    HELD: until_at_ms when it is the day's quota, else retry_ms
 * BARQ_ERR_DENIED  SETUP: key, model, country, billing, a mode that the server cannot do;
 *                  REFUSED: TOO_LONG, BLOCKED, BAD_ANSWER (cut, or not JSON), UNREADABLE (the
 *                  video), REQUEST
 */
enum barq_status bm_model_ask(const struct bm_model *model, const struct bm_question *question,
                              int cancel_fd, int64_t now_ms, struct barq_arena *arena,
                              struct bm_model_answer *out, struct bm_verdict *verdict,
                              struct barq_error *err) BARQ_MUST_CHECK;

/* The settings, or what is the default in their place. */
int64_t bm_model_context(const struct bm_model *model);
int64_t bm_model_output(const struct bm_model *model);
int64_t bm_usage_cost(const struct bm_price *price, int64_t tokens_in, int64_t tokens_out);

/*
 * The JSON object in a model's text: all of it, or what is in a fence, or from
 * the first brace on; thoughts in <think> are passed over. NULL: there is none.
 */
const struct barq_value *bm_model_json(const char *text, struct barq_arena *arena);

#endif
