-- foreign.lua - what arq's clients and workers have changed in a queue: adopts their jobs, and forgets what they have
-- finished.
--
-- A queue and what is known of it are sorted alike, so where they differ first is found by halves.

-- The number of the first member that differs, of those from number `low` on and before `high`.
local function first_difference(queue, known, low, high)
    while low < high do
        local middle = math.floor((low + high) / 2)
        local a, b = call('ZRANGE', queue, middle, middle), call('ZRANGE', known, middle, middle)
        if a[1] == b[1] then
            low = middle + 1
        else
            high = middle
        end
    end
    return low
end

local function pickled(text)
    return 'X' .. struct.pack('<I4', #text) .. text
end

-- A failure as arq's clients read it: arq's map, in pickle's protocol 2.
local function failure_of(queue, id, why)
    local at = '\138\8' .. struct.pack('<i8', now)
    return '\128\2}(' .. pickled('t') .. 'N' .. pickled('f') .. pickled('<unknown>') .. pickled('a') .. ')'
        .. pickled('k') .. '}' .. pickled('et') .. 'K\0' .. pickled('s') .. '\137' .. pickled('r')
        .. 'carq.worker\nJobExecutionFailed\n' .. pickled(why) .. '\133R' .. pickled('st') .. at
        .. pickled('ft') .. at .. pickled('q') .. pickled(queue) .. pickled('id') .. pickled(id) .. 'u.'
end

-- Is it UTF-8? What is, is put aside first.
local SEQUENCES = {'[\194-\223][\128-\191]', '\224[\160-\191][\128-\191]', '\237[\128-\159][\128-\191]',
    '[\225-\236\238\239][\128-\191][\128-\191]', '\240[\144-\191][\128-\191][\128-\191]',
    '[\241-\243][\128-\191][\128-\191][\128-\191]', '\244[\128-\143][\128-\191][\128-\191]'}

local function is_utf8(text)
    for _, sequence in ipairs(SEQUENCES) do
        text = string.gsub(text, sequence, 'x')
    end
    return not string.find(text, '[\128-\255]')
end

local ID_MAX = 512 -- BARQ_JOB_ID_MAX_BYTES

local function is_id(id)
    if #id == 0 or #id > ID_MAX or string.find(id, '%c') then
        return false
    end
    return not string.find(id, '[\128-\255]') or (is_utf8(id) and not string.find(id, '\194[\128-\159]'))
end

local RESULT_KEEP_MS = 3600000
local NO_ID = 'job: its id is not 1 to 512 bytes of UTF-8 without control characters'

-- What no id of barq's can be: the job fails, as one does whose bytes cannot be read.
local function refuse_name(queue, id)
    call('ZREM', queue, id)
    call('DEL', 'arq:job:' .. id, 'arq:retry:' .. id)
    call('SET', 'arq:result:' .. id, failure_of(queue, id, NO_ID), 'PX', RESULT_KEEP_MS)
    told = true
end

-- A job of an arq client. It is barq's as well, from now on.
local function adopt(queue, id, due)
    if not is_id(id) then
        refuse_name(queue, id)
        return
    end
    local job = read(id)
    if job[SEQ] then -- of one that is dead, or was there before in another queue
        if not job[FINISHED] then
            unplace(id, job)
        end
        forget(id, job)
    end
    local seq = call('INCR', 'barq:seq')
    local before = call('EXISTS', 'arq:retry:' .. id, 'arq:in-progress:' .. id) > 0
    call('HSET', 'barq:rows', id, row_of(seq, queue))
    call('ZADD', 'barq:jobs', seq, id)
    call('ZADD', 'barq:known:' .. queue, due, id)
    know_queue(queue)
    if before then
        call('HSET', record_of(id), 'before', 1)
        wait(queue, id, read(id), due)
    else
        call('ZADD', (due > now and 'barq:deferred:' or 'barq:ready:') .. queue, due, foreign_member_of(seq, id))
        wake(queue)
    end
end

local function is_running(id)
    local token = text_of('arq:in-progress:' .. id)
    local holder = token and string.match(token, '^(.*):%d+$')
    return holder and call('HEXISTS', 'barq:running:' .. holder, id) == 1
end

-- Another due time than barq knows of: an arq worker has retried it, or an arq client wishes its abort.
local function reschedule(queue, id, due)
    local job = read(id)
    call('ZADD', 'barq:known:' .. queue, due, id)
    if job[SEQ] and not job[FINISHED] and not is_running(id) then
        if job[WAITS] then
            call('HDEL', record_of(id), 'waits')
        end
        unplace(id, job)
        wait(queue, id, job, due)
    end
end

-- An arq worker has finished it, or it was deleted.
local function let_go(queue, id)
    local job = read(id)
    if job[SEQ] and not job[FINISHED] and job[QUEUE] == queue then
        unplace(id, job)
        if call('HEXISTS', 'barq:waited', id) == 1 then
            ended(id, 'complete')
        end
        forget(id, job)
    else
        call('ZREM', 'barq:known:' .. queue, id)
    end
end

local function last_due(key)
    return call('ZREVRANGEBYSCORE', key, now, '-inf', 'LIMIT', 0, 1)[1]
end

-- Where to begin; nil: they seem to be alike. As many may have gone as have come, so that the numbers of those that
-- are due are compared, too, and the last of these, which is what came last. What has gone and is due is found by
-- whoever claims it.
local function where_they_differ(queue, known, max)
    local due, due_known = call('ZCOUNT', queue, '-inf', now), call('ZCOUNT', known, '-inf', now)
    if due ~= due_known then
        return first_difference(queue, known, 0, math.min(due, due_known))
    end
    local all, all_known = call('ZCARD', queue), call('ZCARD', known)
    if all ~= all_known then
        return first_difference(queue, known, due, math.min(all, all_known))
    end
    if due > 0 and last_due(queue) ~= last_due(known) then
        return math.max(0, due - max)
    end
end

-- From the first difference on, at most `max` members of each.
local function reconcile(queue, max)
    local known = 'barq:known:' .. queue
    local from = where_they_differ(queue, known, max)
    if not from then
        return
    end
    local stale = call('ZRANGE', known, from, from + max - 1)
    for _, id in ipairs(stale) do
        if not call('ZSCORE', queue, id) then
            let_go(queue, id)
        end
    end
    local there = call('ZRANGE', queue, from, from + max - 1, 'WITHSCORES')
    for i = 1, #there, 2 do
        local id, due = there[i], tonumber(there[i + 1])
        local before = call('ZSCORE', known, id)
        if not before then
            adopt(queue, id, due)
        elseif tonumber(before) ~= due then
            reschedule(queue, id, due)
        end
    end
end

-- Of what arq's clients wish to abort, the newest: it is due at once. What is finished, or in no queue, is forgotten.
local WISHES_MAX = 1000

local function is_unfinished(id)
    if call('EXISTS', 'arq:job:' .. id) == 1 then
        return true
    end
    local job = read(id)
    return job[SEQ] and not job[FINISHED]
end

local function heed_wishes(queues)
    local wishes = call('ZREVRANGE', 'arq:abort', 0, WISHES_MAX - 1)
    for _, id in ipairs(wishes) do
        for _, queue in ipairs(queues) do
            local due = call('ZSCORE', queue, id)
            local known = due and call('ZSCORE', 'barq:known:' .. queue, id)
            if due and not known then
                adopt(queue, id, tonumber(due))
            elseif due and known ~= due then
                reschedule(queue, id, tonumber(due))
            end
        end
        if not is_unfinished(id) then
            call('ZREM', 'arq:abort', id)
        end
    end
    return wishes
end
