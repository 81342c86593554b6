-- place.lua - where a job waits.
--
-- Each unfinished job is in its queue, arq's sorted set, by its due time, and is in just one of these, by a
-- member that begins with its number, so that jobs of one turn stay in the order in which they came; then a digit, 0 or 2
-- when it certainly has no record, 2 when an arq client enqueued it:
--
--     barq:ready:Q     due; by its turn, which is its due time less its priority's minutes
--     barq:lost:Q      due; was lost or must run alone; by its turn
--     barq:deferred:Q  by its due time; or, if it runs at an arq worker, by when to look again
--     barq:blocked:Q   waits for other jobs; by its due time, while its queue says NEVER
--     barq:held:Q\tS   due, and over the limit of slot S; by its turn
--     barq:running:W   worker W has claimed it
--
-- barq:known:Q is what barq knows of the queue: the same members and scores, but for what arq's clients and workers
-- have changed since (foreign.lua).
local function member_of(seq, id)
    return string.format('%012d1', seq) .. id
end

local function plain_member_of(seq, id)
    return string.format('%012d0', seq) .. id
end

local function foreign_member_of(seq, id)
    return string.format('%012d2', seq) .. id
end

local function id_of(member)
    return string.sub(member, 14)
end

local function is_lost(job)
    return job[ALONE] or job[LOSSES]
end

local function turn_of(job, due)
    return due - (job[PRIORITY] or 0) * STEP_MS
end

local known_queues = {}

local function know_queue(queue)
    if not known_queues[queue] then
        known_queues[queue] = true
        call('HSETNX', 'barq:queues', queue, 0)
    end
end

local function schedule(queue, id, due)
    call('ZADD', queue, due, id)
    call('ZADD', 'barq:known:' .. queue, due, id)
end

-- To be claimed when it is due.
local function wait(queue, id, job, due)
    local member = member_of(job[SEQ], id)
    if due > now then
        call('ZADD', 'barq:deferred:' .. queue, due, member)
    else
        call('ZADD', (is_lost(job) and 'barq:lost:' or 'barq:ready:') .. queue, turn_of(job, due), member)
    end
    wake(queue)
end

-- An arq worker runs it, which tells nobody: to be looked at again later.
local ELSEWHERE_MS = 1000

local function wait_elsewhere(queue, member)
    call('ZADD', 'barq:deferred:' .. queue, now + ELSEWHERE_MS, member)
end

-- Takes it from where it waits.
local function unplace(id, job)
    local queue = job[QUEUE]
    local member, plain, foreign = member_of(job[SEQ], id), plain_member_of(job[SEQ], id), foreign_member_of(job[SEQ], id)
    call('ZREM', 'barq:ready:' .. queue, member, plain, foreign)
    call('ZREM', 'barq:lost:' .. queue, member)
    call('ZREM', 'barq:deferred:' .. queue, member, plain, foreign)
    call('ZREM', 'barq:blocked:' .. queue, member)
    if job[HELD] then
        call('ZREM', 'barq:held:' .. queue .. '\t' .. job[HELD], member)
        call('HDEL', record_of(id), 'held')
        job[HELD] = false
    end
end

-- Of a job that is finished, or gone: as if barq had never heard of it.
local function forget(id, job)
    local queue = job[QUEUE]
    call('ZREM', 'barq:known:' .. queue, id)
    call('ZREM', 'barq:finished:' .. queue, id)
    call('ZREM', 'barq:dead:' .. queue, id)
    call('ZREM', 'barq:jobs', id)
    call('HDEL', 'barq:rows', id)
    call('DEL', record_of(id))
end

-- Deferred jobs whose time has come, at most `max`.
local function promote(queue, max)
    local key = 'barq:deferred:' .. queue
    local due = call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, max)
    for _, member in ipairs(due) do
        local id = id_of(member)
        local at = call('ZSCORE', 'barq:known:' .. queue, id)
        call('ZREM', key, member)
        if at then
            local job = read(id)
            if job[SEQ] then
                call('ZADD', (is_lost(job) and 'barq:lost:' or 'barq:ready:') .. queue, turn_of(job, tonumber(at)),
                    member)
            else
                call('ZREM', 'barq:known:' .. queue, id) -- it is adopted anew
            end
        end
    end
end
