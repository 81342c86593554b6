#include <barq/worker.h>

#include "commands.h"
#include "follow.h"
#include "functions.h"

int bm_cmd_worker(int argc, char **argv)
{
    bm_follow_parent();
    return barq_worker_main(&bm_settings, argc, argv);
}
