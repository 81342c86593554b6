-- cron.lua - runs of cron jobs: barq:cron:Q\tNAME has one, barq:crons each Q\tNAME by when its next run is due.
--
-- {queue, name, function, schedule, time_zone, next_at, at, apart, job}; at 0 only asks.
local T = {QUEUE = 1, NAME = 2, FUNCTION = 3, SCHEDULE = 4, ZONE = 5, NEXT = 6, AT = 7, APART = 8, JOB = 9}

local function forget_old()
    for _, name in ipairs(call('ZRANGEBYSCORE', 'barq:crons', '-inf', '(' .. string.format('%d', now - request.cron_keep))) do
        call('DEL', 'barq:cron:' .. name)
        call('ZREM', 'barq:crons', name)
    end
end

-- The last run, and since when this schedule is known; as of before this.
local function known_of(key, t)
    local old = call('HMGET', key, 'schedule', 'zone', 'since', 'last')
    if not old[1] then
        return 0, now
    end
    local since, last = tonumber(old[3]), tonumber(old[4])
    if old[1] ~= t[T.SCHEDULE] or old[2] ~= t[T.ZONE] or since >= now then
        since = now
    end
    -- So late a run was made by a clock that was wrong.
    return last > now + request.cron_ahead and 0 or last, since
end

-- {since, taken}
local function tick(t)
    local name = t[T.QUEUE] .. '\t' .. t[T.NAME]
    local key = 'barq:cron:' .. name
    local at = t[T.AT]
    if at == 0 then
        forget_old()
    end
    local last, since = known_of(key, t)
    local answer = math.max(last, since)
    if at ~= 0 and last ~= 0 and at <= last + t[T.APART] then
        return {answer, 0}
    end
    call('HSET', key, 'function', t[T.FUNCTION], 'schedule', t[T.SCHEDULE], 'zone', t[T.ZONE], 'since', since, 'last',
        at == 0 and last or at, 'next', t[T.NEXT])
    call('ZADD', 'barq:crons', t[T.NEXT], name)
    if at == 0 then
        return {answer, 0}
    end
    return {answer, add_jobs({t[T.JOB]}) == '0' and 1 or 0}
end
