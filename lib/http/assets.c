#include "http/assets.h"

#include <string.h>

#include "base/text.h"

const struct bq_http_asset *bq_http_asset_find(const struct bq_http_asset *assets, const char *path)
{
    for (; assets->path; assets++) {
        if (strcmp(assets->path, path) == 0) {
            return assets;
        }
    }
    return NULL;
}

/* Does a header like "gzip, br;q=0" take `coding`? One that it gives no weight counts as unwanted. */
static bool takes(const char *header, const char *coding)
{
    size_t len = strlen(coding);

    for (const char *at = header; at && *at != '\0';) {
        at += strspn(at, ", \t");
        size_t one = strcspn(at, ",");
        if (strncasecmp(at, coding, len) == 0 && strchr("; ,\t", at[len])) {
            const char *weight = memmem(at, one, "q=0", 3);
            size_t zeros = weight ? strspn(weight + 3, ".0") : 0;
            return !weight || (weight + 3 + zeros < at + one && weight[3 + zeros] != ' ');
        }
        at += one;
    }
    return false;
}

static bool is_known(const struct bq_http_call *call, const char *etag)
{
    const char *known = bq_http_header(call, "If-None-Match");

    return known && strstr(known, etag);
}

bool bq_http_answer_asset(struct bq_http_call *call, const struct bq_http_asset *assets,
                          const char *path)
{
    const struct bq_http_asset *asset = bq_http_asset_find(assets, path);
    const char *wanted = bq_http_header(call, "Accept-Encoding");
    if (!asset) {
        return false;
    }

    bq_http_answer_header(call, "ETag", asset->etag);
    bq_http_answer_header(call, "Vary", "Accept-Encoding");
    bq_http_answer_header(call, "Cache-Control",
                          asset->is_lasting ? "public, max-age=31536000, immutable" : "no-cache");
    if (is_known(call, asset->etag)) {
        bq_http_answer(call, 304, NULL, "", 0);
    } else if (asset->br && takes(wanted, "br")) {
        bq_http_answer_header(call, "Content-Encoding", "br");
        bq_http_answer(call, 200, asset->type, asset->br, (size_t)(asset->br_end - asset->br));
    } else if (asset->gzip && takes(wanted, "gzip")) {
        bq_http_answer_header(call, "Content-Encoding", "gzip");
        bq_http_answer(call, 200, asset->type, asset->gzip,
                       (size_t)(asset->gzip_end - asset->gzip));
    } else {
        bq_http_answer(call, 200, asset->type, asset->plain,
                       (size_t)(asset->plain_end - asset->plain));
    }
    return true;
}

/* With where it is written into it; as it is when there is no room for that. */
static void answer_index(struct bq_http_call *call, const struct bq_http_asset *index,
                         const char *base_path)
{
    static const char mark[] = "<base href=\"/";
    size_t len = (size_t)(index->plain_end - index->plain);
    const char *at = memmem(index->plain, len, mark, sizeof(mark) - 1);
    const char *text = NULL;

    if (at) {
        const char *rest = at + sizeof(mark) - 2;
        text = bq_arena_format(call->arena, "%.*s<base href=\"%s%.*s", (int)(at - index->plain),
                               index->plain, base_path, (int)(index->plain_end - rest), rest);
    }
    bq_http_answer(call, 200, index->type, text ? text : index->plain, text ? strlen(text) : len);
}

static bool is_below(const char *path, const char *top)
{
    size_t len = strlen(top);

    return strncmp(path, top, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool wants_html(const struct bq_http_call *call, const char *path)
{
    const char *accept = bq_http_header(call, "Accept");

    return strcmp(path, "/") == 0 || strcmp(path, "/index.html") == 0 ||
           (accept && strstr(accept, "text/html") && !is_below(path, "/api") &&
            !is_below(path, "/assets"));
}

bool bq_http_answer_page(struct bq_http_call *call, const struct bq_http_asset *assets,
                         const char *path, const char *base_path, const char *policy)
{
    const struct bq_http_asset *index = bq_http_asset_find(assets, "index.html");
    bool only_looks = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;

    if (!index || !only_looks || *path != '/') {
        return false;
    }
    bool is_file = strcmp(path, "/index.html") != 0 && bq_http_asset_find(assets, path + 1);
    if (!is_file && !wants_html(call, path)) {
        return false;
    }
    bq_http_answer_header(call, "Content-Security-Policy", policy);
    if (is_file) {
        return bq_http_answer_asset(call, assets, path + 1);
    }
    bq_http_answer_header(call, "Cache-Control", "no-store");
    answer_index(call, index, base_path);
    return true;
}
