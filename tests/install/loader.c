/* loader.c - what `barq worker` is, but of the shared library. */
#include <stddef.h>

#include <barq/worker.h>

int main(int argc, char **argv)
{
    return barq_worker_main(NULL, argc, argv);
}
