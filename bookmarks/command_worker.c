#include <barq/worker.h>

#include "commands.h"
#include "functions.h"
#include "worker_child.h"

int bm_cmd_worker(int argc, char **argv)
{
    bm_worker_follow_server();
    return barq_worker_main(&bm_settings, argc, argv);
}
