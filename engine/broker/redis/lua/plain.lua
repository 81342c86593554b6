-- plain.lua - what most exchanges are: jobs that are complete, and jobs to be claimed, of which no more is to be said.
--
-- ARGV[2] has that in columns: {may, db, token, lease, queues, completes, shares, claim_max, bytes, each, payload_max},
-- where `may` says that the request has nothing else, and completes are {claim, keep, ids, results} of jobs that were
-- claimed together. plain_complete.lua and plain_claim.lua ask first whether all of these jobs are plain, and then write by
-- few commands; else they have written nothing, and settle.lua and claim.lua look at each.
local plain = {MOST = 1000, new_enough = redis.REDIS_VERSION_NUM ~= nil} -- jobs, as a call has room; 7.0
plain.may, plain.db, plain.token, plain.lease, plain.queues, plain.completes, plain.shares, plain.claim_max, plain.bytes,
    plain.each, plain.payload_max = unpack(cmsgpack.unpack(ARGV[2]))
plain.running = 'barq:running:' .. plain.token
