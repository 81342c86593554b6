/*
 * bullmq.js - BullMQ's part in bench/redis.
 *
 *     node bullmq.js fill PORT COUNT     enqueues no-op jobs
 *     node bullmq.js drain PORT COUNT    does them, 100 at a time: prints jobs a second
 *
 * A job that has ended keeps its hash, its place among the completed ones and an event: BullMQ's
 * default.
 */
'use strict';

const { Queue, Worker } = require('bullmq');

const CONCURRENCY = 100;
const BATCH = 1000;

const [what, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };

async function fill() {
  const queue = new Queue('bench', { connection });
  for (let done = 0; done < count; done += BATCH) {
    const length = Math.min(BATCH, count - done);
    await queue.addBulk(Array.from({ length }, () => ({ name: 'noop', data: {} })));
  }
  await queue.close();
}

/* `completed` comes when the job's outcome is in Redis. */
async function drain() {
  const options = { connection, concurrency: CONCURRENCY, autorun: false };
  const worker = new Worker('bench', async () => {}, options);
  let left = count;
  await worker.waitUntilReady();
  const took = await new Promise((resolve, reject) => {
    const begun = process.hrtime.bigint();
    worker.on('error', reject);
    worker.on('failed', (job, error) => reject(error));
    worker.on('completed', () => {
      if (--left === 0) {
        resolve(Number(process.hrtime.bigint() - begun) / 1e9);
      }
    });
    worker.run().catch(reject);
  });
  await worker.close();
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
  console.error(`bench: BullMQ: ${error.stack}`);
  process.exit(1);
});
