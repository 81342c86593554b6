/*
 * bee.js - bee-queue's part in bench/redis.
 *
 *     node bee.js fill PORT COUNT     enqueues no-op jobs
 *     node bee.js drain PORT COUNT    does them, 100 at a time: prints jobs a second
 *
 * A job that has ended keeps its hash field, and its id among those that succeeded: bee-queue's
 * default. What a worker can leave out as its manual says, it leaves out: events from others, and
 * jobs kept in this process.
 */
'use strict';

const Queue = require('bee-queue');

const CONCURRENCY = 100;
const BATCH = 1000;

const [what, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const queue = new Queue('bench', {
  redis: { host: '127.0.0.1', port },
  isWorker: what === 'drain',
  getEvents: false,
  storeJobs: false,
});

async function fill() {
  for (let done = 0; done < count; done += BATCH) {
    const jobs = Array.from({ length: Math.min(BATCH, count - done) }, () => queue.createJob({}));
    const failed = await queue.saveAll(jobs);
    if (failed.size > 0) {
      throw [...failed.values()][0];
    }
  }
}

/* `succeeded` comes when the job's outcome is in Redis. */
function drain() {
  let left = count;
  return new Promise((resolve, reject) => {
    const begun = process.hrtime.bigint();
    queue.on('error', reject);
    queue.on('failed', (job, error) => reject(error));
    queue.on('succeeded', () => {
      if (--left === 0) {
        resolve(Number(process.hrtime.bigint() - begun) / 1e9);
      }
    });
    queue.process(CONCURRENCY, async () => {});
  });
}

async function main() {
  await queue.ready();
  if (what === 'fill') {
    await fill();
  } else {
    console.log((count / (await drain())).toFixed(1));
  }
  await queue.close();
}

main().catch((error) => {
  console.error(`bench: bee-queue: ${error.stack}`);
  process.exit(1);
});
