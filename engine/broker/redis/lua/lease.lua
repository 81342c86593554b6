-- lease.lua - a worker's lease: barq:workers has each worker by when its lease is over, barq:worker:W what it has
-- told of itself. A job's in-progress key ends with its worker's lease and is prolonged with it.
local REAP_MAX = 8
local WORKER_KEEP_MS = 24 * 3600 * 1000 -- of one that is gone: it may come back and tell when it began

local worker = request.worker -- {token, place, name, queues, lease (ms), started}

local HEALTH_MS = worker.lease + 1000

-- A health key that lives longer than ours is an arq worker's, which writes it once an hour only.
local function is_our_health(key)
    return call('PTTL', key) <= HEALTH_MS
end

local function serve(queues, as)
    for _, queue in ipairs(queues) do
        local health = queue .. ':health-check'
        call(as, 'barq:serving:' .. queue, worker.token)
        if as == 'SREM' and call('EXISTS', 'barq:serving:' .. queue) == 0 and is_our_health(health) then
            call('DEL', health)
        end
    end
end

local function take_lease()
    local key = 'barq:worker:' .. worker.token
    call('HSET', key, 'place', worker.place, 'name', worker.name, 'queues', worker.queues, 'lease', worker.lease,
        'started', worker.started or now, 'seen', now)
    call('PERSIST', key)
    call('ZADD', 'barq:workers', now + worker.lease, worker.token)
    serve(request.queues, 'SADD')
end

-- A lock ran out, and an arq worker has taken the job, or ended it: what comes of it here counts no more.
local function lose_to_arq(id, run)
    free_slots(run, id, false)
    call('HDEL', 'barq:running:' .. worker.token, id)
    local job = read(id)
    if not job[SEQ] or job[FINISHED] or job[QUEUE] ~= run.queue then
        return
    end
    if call('ZSCORE', run.queue, id) then
        call('HSET', record_of(id), 'before', 1)
        wait_elsewhere(run.queue, member_of(job[SEQ], id))
    else
        let_go(run.queue, id)
    end
end

-- In its queue, as it was; an arq worker that has tried it has counted that.
local function is_untouched(run, id)
    local due = call('ZSCORE', run.queue, id)
    return due and due == call('ZSCORE', 'barq:known:' .. run.queue, id)
        and (string.find(run.has, 't', 1, true) or call('EXISTS', 'arq:retry:' .. id) == 0)
end

-- Locks end no sooner than the lease, so that only here one may be gone.
local function prolong()
    local all = call('HGETALL', 'barq:running:' .. worker.token)
    local keys = {}
    for i = 1, #all, 2 do
        keys[#keys + 1] = 'arq:in-progress:' .. all[i]
    end
    local locks = many('MGET', nil, keys)
    for i, key in ipairs(keys) do
        local id, run = all[2 * i - 1], running_of(all[2 * i])
        local token = worker.token .. ':' .. run.claim
        if locks[i] == token then
            call('PEXPIRE', key, worker.lease)
        elseif not locks[i] and is_untouched(run, id) then
            call('SET', key, token, 'PX', worker.lease)
        else
            lose_to_arq(id, run)
        end
    end
end

-- True when it was lost, and a new one has been begun.
local function keep_lease(renew)
    local over = call('ZSCORE', 'barq:workers', worker.token)
    if not over then
        take_lease()
        return true
    end
    if renew or tonumber(over) <= now then
        call('ZADD', 'barq:workers', now + worker.lease, worker.token)
        call('HSET', 'barq:worker:' .. worker.token, 'seen', now)
        prolong()
    end
    return false
end

local function bury(other)
    lose(other)
    call('ZREM', 'barq:workers', other)
    call('PEXPIRE', 'barq:worker:' .. other, WORKER_KEEP_MS)
    for _, queue in ipairs(call('HKEYS', 'barq:queues')) do
        call('SREM', 'barq:serving:' .. queue, other)
    end
end

-- When the clock was put back, a lease may seem to be long: nobody has more of it left than its length.
local function cut_leases()
    local long = call('ZRANGEBYSCORE', 'barq:workers', '(' .. string.format('%d', now + worker.lease), '+inf',
        'WITHSCORES', 'LIMIT', 0, REAP_MAX)
    for i = 1, #long, 2 do
        local lease = tonumber(call('HGET', 'barq:worker:' .. long[i], 'lease') or 0)
        if tonumber(long[i + 1]) > now + lease then
            call('ZADD', 'barq:workers', now + lease, long[i])
        end
    end
end

-- Takes the jobs of workers whose lease is over, or who are known to be dead.
local function reap(dead)
    cut_leases()
    for _, other in ipairs(call('ZRANGEBYSCORE', 'barq:workers', '-inf', now, 'LIMIT', 0, REAP_MAX)) do
        if other ~= worker.token then
            bury(other)
        end
    end
    for _, other in ipairs(dead) do
        if other ~= worker.token and call('ZSCORE', 'barq:workers', other) then
            bury(other)
        end
    end
end

-- Workers of the same place, so that it can be looked whether they live.
local function neighbours()
    local found = {}
    for _, other in ipairs(call('ZRANGE', 'barq:workers', 0, -1)) do
        if other ~= worker.token and call('HGET', 'barq:worker:' .. other, 'place') == worker.place then
            found[#found + 1] = other
        end
    end
    return found
end

-- The server is another one than before, or was started anew: it may have forgotten claims, so that whatever is in a
-- queue now counts as claimed before.
local function note_server()
    local id = string.match(call('INFO', 'server'), 'run_id:(%x+)')
    local before = call('GET', 'barq:server')
    call('SET', 'barq:server', id)
    if before and before ~= id then
        call('SET', 'barq:doubted', call('GET', 'barq:seq') or 0)
        call('INCRBY', 'barq:claims', 1000000) -- a worker may have claims that this server has not heard of
    end
end

local function leave()
    lose(worker.token)
    call('ZREM', 'barq:workers', worker.token)
    call('DEL', 'barq:worker:' .. worker.token)
    serve(request.queues, 'SREM')
end

-- {executors, threads, running, complete, failed, retried}
local function tell_state(state)
    call('HSET', 'barq:worker:' .. worker.token, 'seen', now, 'executors', state[1], 'threads', state[2], 'running',
        state[3], 'complete', state[4], 'failed', state[5], 'retried', state[6])
    if state[7] then
        call('HSET', 'barq:worker:' .. worker.token, 'tally', state[7])
    end
end

-- arq's health key, for as long as the lease; barq's own are those above.
local function tell_health(text)
    for _, queue in ipairs(request.queues) do
        local health = queue .. ':health-check'
        if is_our_health(health) then
            call('SET', health, text .. call('ZCARD', queue), 'PX', HEALTH_MS)
        end
    end
end
