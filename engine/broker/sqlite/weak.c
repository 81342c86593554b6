#include <linux/magic.h>
#include <sys/statfs.h>

#include "broker/sqlite/broker.h"

/* Less than this is soon full: a queue of large jobs grows by as much in a minute. */
enum { LITTLE_MIB = 64, BYTES_PER_MIB = 1024 * 1024 };

/* Not in <linux/magic.h>. */
enum { CIFS_MAGIC = 0xFF534D42, SMB2_MAGIC = 0xFE534D42 };

/* File systems of other machines: locks may lie, and the file that all processes share is not shared. */
static const struct {
    unsigned long magic;
    const char *name;
} networks[] = {
    {NFS_SUPER_MAGIC, "NFS"}, {SMB_SUPER_MAGIC, "SMB"},   {CIFS_MAGIC, "SMB"},
    {SMB2_MAGIC, "SMB"},      {AFS_SUPER_MAGIC, "AFS"},   {CEPH_SUPER_MAGIC, "Ceph"},
    {V9FS_MAGIC, "9P"},       {CODA_SUPER_MAGIC, "Coda"},
};

static const char *network_name(const struct statfs *about)
{
    unsigned long magic = (unsigned long)about->f_type & 0xFFFFFFFFUL;

    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
        if (networks[i].magic == magic) {
            return networks[i].name;
        }
    }
    return NULL;
}

enum barq_status bq_queue_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                     const char *const **out, size_t *count, int64_t timeout_ms,
                                     struct barq_error *err)
{
    const char *path = bq_db_path(bq_sqlite_broker_of(broker)->db);
    const char **found = bq_arena_array(arena, 2, sizeof(*found));
    struct statfs about;
    size_t n = 0;
    (void)timeout_ms;

    if (!found) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: no room for what is weak");
    }
    if (statfs(path, &about) != 0) {
        return bq_fail_errno(err, "sqlite: ask about %s", path);
    }
    const char *network = network_name(&about);
    if (network) {
        found[n++] = bq_arena_format(
            arena, "%s is on a network file system (%s): use a disk of this machine", path,
            network);
    }
    int64_t free_mib = (int64_t)about.f_bavail * (int64_t)about.f_bsize / BYTES_PER_MIB;
    if (free_mib < LITTLE_MIB) {
        found[n++] = bq_arena_format(arena, "%s: its file system has only %lld MiB left", path,
                                     (long long)free_mib);
    }
    *out = found;
    *count = n;
    return BARQ_OK;
}
