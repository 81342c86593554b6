/*
 * graphile.js - graphile-worker's part in bench/pg.
 *
 *     node graphile.js fill URL COUNT           enqueues no-op jobs
 *     node graphile.js drain URL COUNT plain    does them, 10 at a time, as it comes
 *     node graphile.js drain URL COUNT tuned    50 at a time, with its local queue and batched
 *                                               completion: prints jobs a second
 *
 * A job that has ended is deleted: graphile-worker keeps no results.
 */
'use strict';

const { Logger, makeWorkerUtils, run } = require('graphile-worker');

const WAYS = {
  plain: { concurrentJobs: 10, maxPoolSize: 12 },
  tuned: {
    concurrentJobs: 50,
    maxPoolSize: 52,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

const [what, url, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const quiet = new Logger(() => () => {});

async function fill() {
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query(
      `SELECT count(*) FROM graphile_worker.add_jobs(
         ARRAY(SELECT json_populate_record(NULL::graphile_worker.job_spec,
                 '{"identifier":"noop","payload":{}}') FROM generate_series(1, $1)))`,
      [count],
    ),
  );
  await utils.release();
}

/* The last job has been completed when the table is empty: asked each millisecond, by one connection. */
async function drain() {
  const worker = WAYS[process.argv[5]];
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
  let left = count;
  let ran;
  const done = new Promise((resolve) => {
    ran = resolve;
  });
  const begun = process.hrtime.bigint();
  const runner = await run({
    preset: { worker: { connectionString: url, logger: quiet, ...worker } },
    noHandleSignals: true,
    taskList: {
      noop: () => {
        if (--left === 0) {
          ran();
        }
      },
    },
  });
  await done;
  for (let jobs = 1; jobs > 0; ) {
    const answer = await utils.withPgClient((client) =>
      client.query('SELECT count(*)::int AS jobs FROM graphile_worker._private_jobs'),
    );
    jobs = answer.rows[0].jobs;
  }
  const took = Number(process.hrtime.bigint() - begun) / 1e9;
  await runner.stop();
  await utils.release();
  return took;
}

async function main() {
  if (what === 'fill') {
    await fill();
  } else {
    console.log((count / (await drain())).toFixed(1));
  }
}

main().catch((error) => {
  console.error(`bench: graphile-worker: ${error.stack}`);
  process.exit(1);
});
