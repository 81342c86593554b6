-- limits.lua - so many jobs of a function, or of a key, may run or start at once.
--
-- A slot is what a limit counts by: a:NAME for all jobs of a function, k:NAME\tKEY for those of a key.
--
--     barq:limits:Q       function -> NAME of its limit for all \n NAME of that for each key
--     barq:limit:a:NAME   running, starts, per (ms); likewise barq:limit:k:NAME
--     barq:slot:S         ids of the running jobs that count
--     barq:starts:S       claims that were started, by when
--     barq:slots:Q        slots for which jobs of Q are held; by when to look for room: +inf when one has ended
local rules, limits, rooms = {}, {}, {}

local function limit_of(kind, name)
    if name == '' then
        return nil
    end
    local key = 'barq:limit:' .. kind .. ':' .. name
    if limits[key] == nil then
        local said = call('HMGET', key, 'running', 'starts', 'per')
        limits[key] = said[1] and {running = tonumber(said[1]), starts = tonumber(said[2]), per = tonumber(said[3])}
            or false
    end
    return limits[key] or nil
end

-- Names of the limits of a function; nil: none.
local function rule_of(queue, name)
    local key = queue .. '\n' .. (name or '')
    if rules[key] == nil then
        local said = call('HGET', 'barq:limits:' .. queue, name or '')
        rules[key] = said and {string.match(said, '^([^\n]*)\n([^\n]*)$')} or false
    end
    return rules[key] or nil
end

local function is_limited(queue)
    return call('EXISTS', 'barq:limits:' .. queue, 'barq:slots:' .. queue) > 0
end

-- What a job counts against: a list of slots, each with its limit.
local function slots_of(queue, job)
    local names = rule_of(queue, job[FUNCTION])
    local slots = {}
    if names then
        local all, each = limit_of('a', names[1]), limit_of('k', names[2])
        if all then
            slots[1] = {name = 'a:' .. names[1], limit = all}
        end
        if each and job[KEY] then
            slots[#slots + 1] = {name = 'k:' .. names[2] .. '\t' .. job[KEY], limit = each}
        end
    end
    return slots
end

local function slot_named(name)
    local kind, limit = string.match(name, '^([ak]):([^\t]*)')
    return {name = name, limit = limit_of(kind, limit)}
end

-- How many more may run and start now; and when there may be more: 'inf' is when one ends.
local function room_of(slot)
    local room = rooms[slot.name]
    if room then
        return room
    end
    room = {left = math.huge, again = '+inf'}
    local limit = slot.limit
    if limit and limit.running > 0 then
        room.left = limit.running - call('SCARD', 'barq:slot:' .. slot.name)
    end
    if limit and limit.starts > 0 then
        -- What started later than a window from now was started by a clock that was wrong.
        local key = 'barq:starts:' .. slot.name
        local from, to = '(' .. string.format('%d', now - limit.per), now + limit.per
        local left = limit.starts - call('ZCOUNT', key, from, to)
        if left <= 0 and room.left > 0 then
            local oldest = call('ZREVRANGEBYSCORE', key, to, from, 'WITHSCORES', 'LIMIT', limit.starts - 1, 1)
            room.again = tonumber(oldest[2]) + limit.per
        end
        room.left = math.min(room.left, left)
    end
    rooms[slot.name] = room
    return room
end

-- The first of a job's slots that has no room, or nil.
local function full_slot(slots)
    for _, slot in ipairs(slots) do
        if room_of(slot).left <= 0 then
            return slot
        end
    end
end

local function count_starts(slots)
    for _, slot in ipairs(slots) do
        if slot.limit.starts > 0 then
            return true
        end
    end
    return false
end

local function take_slots(slots, id, claim)
    for _, slot in ipairs(slots) do
        local room = room_of(slot)
        room.left = room.left - 1
        call('SADD', 'barq:slot:' .. slot.name, id)
        if slot.limit.starts > 0 then
            local key = 'barq:starts:' .. slot.name
            call('ZREMRANGEBYSCORE', key, '-inf', now - slot.limit.per)
            call('ZADD', key, now, claim .. ':' .. id)
            call('PEXPIRE', key, slot.limit.per)
            if room.left <= 0 then
                rooms[slot.name] = nil -- when there is room again, is to be asked
            end
        end
    end
end

-- A running job has ended; `unstarted`: its start was none.
local function free_slot(name, id, claim, unstarted)
    call('SREM', 'barq:slot:' .. name, id)
    if unstarted then
        call('ZREM', 'barq:starts:' .. name, claim .. ':' .. id)
    end
    rooms[name] = nil
    for _, queue in ipairs(call('HKEYS', 'barq:queues')) do
        if call('ZSCORE', 'barq:slots:' .. queue, name) then
            call('ZADD', 'barq:slots:' .. queue, 0, name)
            wake(queue)
        end
    end
end

-- It is due, and its turn has come, but slot has no room.
local function hold(queue, id, job, slot, turn)
    local again = room_of(slot).again
    call('ZADD', 'barq:held:' .. queue .. '\t' .. slot.name, turn, member_of(job[SEQ], id))
    call('HSET', record_of(id), 'held', slot.name)
    if not call('ZSCORE', 'barq:slots:' .. queue, slot.name) then
        call('ZADD', 'barq:slots:' .. queue, again, slot.name)
    end
end

local function count_held(queue)
    local count = 0
    for _, slot in ipairs(call('ZRANGE', 'barq:slots:' .. queue, 0, -1)) do
        count = count + call('ZCARD', 'barq:held:' .. queue .. '\t' .. slot)
    end
    return count
end

-- All that are held wait again, to be judged anew.
local function let_all_go(queue)
    local key = 'barq:slots:' .. queue
    for _, slot in ipairs(call('ZRANGE', key, 0, -1)) do
        local held = 'barq:held:' .. queue .. '\t' .. slot
        call('ZUNIONSTORE', 'barq:ready:' .. queue, 2, 'barq:ready:' .. queue, held, 'AGGREGATE', 'MIN')
        call('DEL', held)
    end
    call('DEL', key)
    wake(queue)
end

local function set_limit(kind, limit)
    if limit then
        call('HSET', 'barq:limit:' .. kind .. ':' .. limit[1], 'running', limit[2], 'starts', limit[3], 'per', limit[4])
        return limit[1]
    end
    return ''
end

-- {function, {name, running, starts, per} or false, the same for each key}. The last worker to join says them.
local function set_rules(queue, said)
    for _, rule in ipairs(said) do
        local names = set_limit('a', rule[2]) .. '\n' .. set_limit('k', rule[3])
        if names == '\n' then
            call('HDEL', 'barq:limits:' .. queue, rule[1])
        else
            call('HSET', 'barq:limits:' .. queue, rule[1], names)
        end
    end
end
