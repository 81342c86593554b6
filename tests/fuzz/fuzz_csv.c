/*
 * Any bytes for the CSV reader, for what judges a file, and for addresses:
 * nothing crashes, rows are the same whatever the pieces, and every line of
 * the file is in a row, a comment, or a problem.
 *
 *     clang -fsanitize=fuzzer,address,undefined ...
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "auto.h"
#include "base/text.h"
#include "formats/csv.h"
#include "formats/layout.h"
#include "video/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A number that any difference in the rows would change. */
static uint64_t sum_row(const struct bm_csv *csv, uint64_t sum)
{
    sum = sum * 31 + (uint64_t)csv->line;
    sum = sum * 31 + (csv->problem ? bq_hash(csv->problem, strlen(csv->problem)) : 0);
    for (size_t i = 0; !csv->problem && i < csv->n_fields; i++) {
        const char *field = bm_csv_field(csv, i);
        sum = sum * 31 + bq_hash(field, strlen(field));
    }
    return sum;
}

static void check_address(const char *text)
{
    char id[BM_VIDEO_ID_BYTES];

    if (bm_video_url_parse(text, strlen(text), id, NULL) == BARQ_OK) {
        assert(bm_video_id_valid(id));
    }
}

static uint64_t read_rows(const char *bytes, size_t len, size_t piece, char delimiter)
{
    bm_auto(csv) struct bm_csv csv;
    const char *end = bytes + len;
    uint64_t sum = 0;
    int64_t last_line = 0;
    bm_csv_init(&csv, delimiter);

    for (const char *at = bytes; at < end;) {
        bool row;
        at = bm_csv_push(&csv, at, (size_t)(end - at) < piece ? end : at + piece, &row);
        if (row) {
            assert(csv.line > last_line && csv.end_line >= csv.line);
            last_line = csv.end_line;
            sum = sum_row(&csv, sum);
            check_address(bm_csv_field(&csv, 0));
        }
    }
    return bm_csv_end(&csv) ? sum_row(&csv, sum) : sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    struct bm_layout layout = {.delimiter = ','};
    struct barq_error err;

    if (bm_layout_judge(text, len, true, &layout, &err) == BARQ_OK) {
        assert(layout.columns[BM_COLUMN_ADDRESS] < BM_CSV_MAX_FIELDS);
    }
    uint64_t sum = read_rows(text, len, len + 1, layout.delimiter);
    assert(read_rows(text, len, 1, layout.delimiter) == sum);
    assert(read_rows(text, len, 7, layout.delimiter) == sum);
    return 0;
}
