-- after.lua - jobs that wait for other jobs.
--
-- barq:after:ID has the members of those that wait for ID, barq:waited has each such ID. When ID ends, its
-- set is renamed to barq:ended:N and put in the list barq:ended, and those in it are told, so many at a time.
local TELL_MAX = 1000

-- A member may be of a job that waits no more: its number says so.
local function blocked(member)
    local id = id_of(member)
    local job = read(id)
    if job[WAITS] and job[QUEUE] and not job[FINISHED] and tonumber(job[SEQ] or 0) == tonumber(string.sub(member, 1, 12)) then
        return id, job
    end
end

-- Waits, whatever it waited for, until `due`; or until its own time.
local function unblock(id, job, due)
    local queue = job[QUEUE]
    due = due or tonumber(call('ZSCORE', 'barq:blocked:' .. queue, member_of(job[SEQ], id)) or now)
    call('ZREM', 'barq:blocked:' .. queue, member_of(job[SEQ], id))
    call('HDEL', record_of(id), 'waits')
    schedule(queue, id, due)
    wait(queue, id, job, due)
end

local function refusal_of(id, deleted)
    return 'a job that it was to wait for ' .. (deleted and 'was deleted: ' or 'has failed: ') .. id
end

-- A new job waits for those of `after` that are unfinished. False: for none.
local function block(queue, id, job, due, after, after_failed)
    local member = member_of(job[SEQ], id)
    local seen = {[id] = true}
    local waits = 0
    for _, other in ipairs(after) do
        local state = not seen[other] and read(other)
        seen[other] = true
        if state and state[SEQ] and not state[FINISHED] then
            call('SADD', 'barq:after:' .. other, member)
            call('HSET', 'barq:waited', other, 1)
            waits = waits + 1
        elseif state and state[FAILED] and not after_failed then
            call('HSET', record_of(id), 'refusal', refusal_of(other, false))
            due = math.min(due, now)
            waits = 0
            break
        end
    end
    if waits == 0 then
        return due
    end
    call('HSET', record_of(id), 'waits', waits)
    if after_failed then
        call('HSET', record_of(id), 'after_failed', 1)
    end
    schedule(queue, id, NEVER)
    call('ZADD', 'barq:blocked:' .. queue, due, member)
    return false
end

-- Those that wait for `id`, if there are any, are to be told.
local function ended(id, verdict)
    local number = call('INCR', 'barq:ends')
    call('HDEL', 'barq:waited', id)
    if call('EXISTS', 'barq:after:' .. id) == 0 then
        return
    end
    call('RENAME', 'barq:after:' .. id, 'barq:ended:' .. number)
    call('RPUSH', 'barq:ended', number .. '\t' .. verdict .. '\t' .. id)
end

local function tell(member, verdict, other)
    local id, job = blocked(member)
    if not id then
        return
    end
    if verdict ~= 'complete' and not job[AFTER_FAILED] then
        local due = tonumber(call('ZSCORE', 'barq:blocked:' .. job[QUEUE], member) or now)
        call('HSET', record_of(id), 'refusal', refusal_of(other, verdict == 'deleted'))
        unblock(id, job, math.min(due, now))
    elseif call('HINCRBY', record_of(id), 'waits', -1) == 0 then
        unblock(id, job)
    end
end

-- True when there are more to be told.
local function tell_ended()
    local left = TELL_MAX
    while left > 0 do
        local first = call('LINDEX', 'barq:ended', 0)
        if not first then
            return false
        end
        local number, verdict, other = string.match(first, '^(%d+)\t(%a+)\t(.*)$')
        local members = call('SPOP', 'barq:ended:' .. number, left)
        for _, member in ipairs(members) do
            tell(member, verdict, other)
        end
        if #members < left then
            call('LPOP', 'barq:ended')
        end
        left = left - math.max(#members, 1)
    end
    return call('EXISTS', 'barq:ended') == 1
end
