/*
 * gate.h - whom the API answers, before any route is looked at.
 */
#ifndef BM_API_GATE_H
#define BM_API_GATE_H

#include "api/request.h"

/*
 * False, and a refusal, for what another site's page could send: a foreign Host
 * (a name that was rebound to us), a foreign Origin, and with anything but GET
 * what a browser calls cross-site (Sec-Fetch-Site). A token makes up for the last two.
 */
bool bm_api_admits(struct bm_api_request *request);
/* False, and a refusal, for a body that is not of the type which the route takes. */
bool bm_api_takes(struct bm_api_request *request, const struct bm_api_route *route);

#endif
