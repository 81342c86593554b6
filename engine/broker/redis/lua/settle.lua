-- settle.lua - what became of claimed jobs.
--
-- {kind, id, claim, result, keep, defer, tries, crashes, alone, before, history, leave}; keep in ms: 0 none, -1 for ever;
-- leave: so long this is not claimed again by barq, though it is due. What is not said is false; of a complete job only
-- the first five are told.
local S = {KIND = 1, ID = 2, CLAIM = 3, RESULT = 4, KEEP = 5, DEFER = 6, TRIES = 7, CRASHES = 8, ALONE = 9,
    BEFORE = 10, HISTORY = 11, LEAVE = 12}
local COMPLETE, FAIL, RETRY, RELEASE = 0, 1, 2, 3

local FOREVER = -1

-- Redis keeps a key until its time is over, and not only until it is reached. A number becomes text but once for all that
-- have the same.
local lives = {}

local function life_of(keep)
    lives[keep] = lives[keep] or string.format('%d', math.max(keep - 1, 1))
    return lives[keep]
end

local function keep_result(id, result, keep)
    if keep == FOREVER then
        call('SET', 'arq:result:' .. id, result)
    elseif keep > 0 then
        call('SET', 'arq:result:' .. id, result, 'PX', life_of(keep))
    end
end

local untils = {[FOREVER] = '+inf'}

local function until_of(keep)
    untils[keep] = untils[keep] or string.format('%d', now + keep)
    return untils[keep]
end

-- What is known of it is kept in `place` until `keep` is over; and, in its row, since when.
local function keep_dated(place, queue, id, row, keep)
    gather('HSET', 'barq:rows', id, (row or row_of(call('INCR', 'barq:seq'), queue)) .. '\t' .. now_text)
    gather('ZADD', place .. queue, until_of(keep), id)
end

-- The same for one that is complete; since when is said once for all.
local function keep_complete(queue, id, row, keep)
    if keep == FOREVER or not row then
        keep_dated('barq:finished:', queue, id, row, keep)
        return
    end
    gather('ZADD', 'barq:finished:' .. queue, until_of(keep), id)
    gather('ZADD', 'barq:times:' .. queue, until_of(keep), now_text .. '\t' .. until_of(keep))
end

local function keep_record(id, keep)
    if keep == FOREVER then
        call('PERSIST', record_of(id))
    else
        call('PEXPIRE', record_of(id), life_of(keep))
    end
end

local function leave_queue(run, id)
    doom('arq:job:' .. id)
    doom('arq:in-progress:' .. id)
    if run.has ~= '' then -- perhaps tries
        doom('arq:retry:' .. id)
    end
    gather('ZREM', run.queue, id)
    gather('ZREM', 'barq:known:' .. run.queue, id)
    told = true
end

local function complete(s, id, run, row)
    local keep = s[S.KEEP]
    local has_record = run.has ~= '' and string.find(run.has, 'r', 1, true)
    leave_queue(run, id)
    if keep == 0 then
        gather('HDEL', 'barq:rows', id)
        gather('ZREM', 'barq:jobs', id)
        if has_record then
            doom(record_of(id))
        end
        return
    end
    keep_result(id, s[S.RESULT], keep)
    keep_complete(run.queue, id, row, keep)
    if has_record then
        keep_record(id, keep)
    end
end

-- Among the dead, with its bytes.
local function fail(s, id, run, row)
    local keep = s[S.KEEP]
    local payload = text_of('arq:job:' .. id)
    leave_queue(run, id)
    keep_result(id, s[S.RESULT], keep)
    write(id, 'failed', 1)
    if s[S.HISTORY] then
        add_history(id, s[S.HISTORY])
    end
    if payload then
        call('HSET', record_of(id), 'payload', payload)
    end
    keep = keep == FOREVER and keep or math.max(keep, request.dead_keep)
    keep_dated('barq:dead:', run.queue, id, row, keep)
    keep_record(id, keep)
end

local function retry(s, id, run)
    local key = record_of(id)
    write(id, 'before', 1)
    local tries = call('HINCRBY', key, 'tries', s[S.TRIES])
    if s[S.CRASHES] > 0 then
        call('HINCRBY', key, 'crashes', s[S.CRASHES])
    end
    if s[S.ALONE] then
        call('HSET', key, 'alone', 1)
    else
        call('HDEL', key, 'alone')
    end
    if s[S.HISTORY] then
        add_history(id, s[S.HISTORY])
    end
    if tries > 0 then
        call('SET', 'arq:retry:' .. id, tries, 'EX', TRIES_KEEP_S)
    end
    call('DEL', 'arq:in-progress:' .. id)
    local job = read(id)
    wait_again(id, job, run, is_aborted(id, job) and now or now + s[S.DEFER])
end

local function release(s, id, run)
    if s[S.BEFORE] then
        write(id, 'before', 1)
    end
    call('DEL', 'arq:in-progress:' .. id)
    local job = read(id)
    if is_aborted(id, job) then
        wait_again(id, job, run, now)
    elseif s[S.LEAVE] and job[SEQ] then
        call('ZADD', 'barq:deferred:' .. run.queue, now + s[S.LEAVE], member_of(job[SEQ], id))
    else
        wait_again(id, job, run, nil)
    end
end

local settlers = {[COMPLETE] = complete, [FAIL] = fail, [RETRY] = retry, [RELEASE] = release}

local function settle(s, run, row)
    local id = s[S.ID]
    run = run and running_of(run)
    if not run or run.claim ~= s[S.CLAIM] then
        return false
    end
    free_slots(run, id, s[S.KIND] == RELEASE and not s[S.BEFORE])
    gather('HDEL', 'barq:running:' .. worker.token, id)
    settlers[s[S.KIND]](s, id, run, row)
    return true
end

-- Wishes and waiters of those that have ended for good.
local function after_ends(final, failed)
    if #final == 0 then
        return
    end
    if call('EXISTS', 'arq:abort') == 1 then
        issue('ZREM', 'arq:abort', final)
    end
    if call('EXISTS', 'barq:waited') == 1 then
        local waited = many('HMGET', 'barq:waited', final)
        for i, id in ipairs(final) do
            if waited[i] then
                ended(id, failed[id] and 'failed' or 'complete')
            end
        end
    end
end

-- A digit for each: 1 when it was stale.
local function settle_all(settles)
    if #settles == 0 then
        return ''
    end
    local stale, final, failed, ids, done = {}, {}, {}, {}, {}
    local ends = 0
    for i, s in ipairs(settles) do
        ids[i] = s[S.ID]
    end
    local runs = many('HMGET', 'barq:running:' .. worker.token, ids)
    local rows = many('HMGET', 'barq:rows', ids)
    for i, s in ipairs(settles) do
        local id = s[S.ID]
        local held = not done[id] and settle(s, runs[i], rows[i])
        stale[i] = held and '0' or '1'
        done[id] = done[id] or held
        if held and (s[S.KIND] == COMPLETE or s[S.KIND] == FAIL) then
            ends = ends + 1
            final[ends] = id
            failed[id] = s[S.KIND] == FAIL
        end
    end
    flush()
    after_ends(final, failed)
    return table.concat(stale)
end

-- Claims of which this worker does not know, since the answer was lost, or knows no more, since a replica took its
-- master's place that had not heard what became of them. Nobody works on them; `known` has "claim\nid".
local function release_unknown(known)
    local held = {}
    for _, claim in ipairs(known) do
        held[claim] = true
    end
    local all = call('HGETALL', 'barq:running:' .. worker.token)
    for i = 1, #all, 2 do
        local id, run = all[i], running_of(all[i + 1])
        if not held[run.claim .. '\n' .. id] then
            settle({RELEASE, id, run.claim}, all[i + 1])
        end
    end
    flush()
end
