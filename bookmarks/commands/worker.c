#include <barq/worker.h>

#include "commands/commands.h"
#include "commands/follow.h"
#include "jobs/functions.h"

int bm_cmd_worker(int argc, char **argv)
{
    static char name[] = "bookmarks worker"; /* what its help calls it */

    bm_follow_parent();
    argv[0] = name;
    return barq_worker_main(&bm_settings, argc, argv);
}
