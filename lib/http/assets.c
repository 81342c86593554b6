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

bool bq_http_answer_page(struct bq_http_call *call, const struct bq_http_asset *assets,
                         const char *path, const char *base)
{
    static const char mark[] = "<base href=\"/\"";
    const struct bq_http_asset *asset = bq_http_asset_find(assets, path);
    if (!asset) {
        return false;
    }

    const char *end = asset->plain_end;
    const char *at = memmem(asset->plain, (size_t)(end - asset->plain), mark, sizeof(mark) - 1);
    const char *rest = at ? at + sizeof(mark) - 1 : asset->plain;
    const char *text =
        bq_arena_format(call->arena, "%.*s<base href=\"%s\"%.*s", (int)(at ? at - asset->plain : 0),
                        asset->plain, base, (int)(end - rest), rest);
    bq_http_answer_header(call, "Cache-Control", "no-store");
    if (at && text) {
        bq_http_answer(call, 200, asset->type, text, strlen(text));
    } else {
        bq_http_answer(call, 200, asset->type, asset->plain, (size_t)(end - asset->plain));
    }
    return true;
}
