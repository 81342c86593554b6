/*
 * page.h - the page, which is answered where the API has nothing.
 */
#ifndef BM_API_PAGE_H
#define BM_API_PAGE_H

#include "api/request.h"

/*
 * Answers a browser with the page's file at `path`, or with the page itself, which knows its own
 * addresses ("/lists/ID"). False, and no answer, for whatever asks for something else. Anybody may have
 * it: it tells nothing of what is stored.
 */
bool bm_api_page(struct bm_api_request *request, const char *path);

#endif
