-- prune.lua - results and dead jobs that are past their time.
local PRUNE_MIN, PRUNE_TIMES = 50, 2

-- Those that are unfinished are other jobs of these ids.
local function finished_of(queue, ids)
    local found = {}
    for _, id in ipairs(ids) do
        if not call('ZSCORE', 'barq:known:' .. queue, id) then
            found[#found + 1] = id
        end
    end
    return found
end

-- More than can finish in an exchange of so many settles, so that they never pile up; but what a call has room for.
local function prune(queue, settles)
    local max = math.min(PRUNE_MIN + PRUNE_TIMES * settles, 2000)
    for _, kind in ipairs({'barq:finished:', 'barq:dead:'}) do
        local gone = call('ZRANGEBYSCORE', kind .. queue, '-inf', now_text, 'LIMIT', 0, max)
        if #gone > 0 then
            call('ZREM', kind .. queue, unpack(gone))
            call('ZREMRANGEBYSCORE', 'barq:times:' .. queue, '-inf', now_text)
            gone = finished_of(queue, gone)
        end
        if #gone > 0 then
            local records = {}
            for i, id in ipairs(gone) do
                records[i] = 'barq:job:' .. id
            end
            call('DEL', unpack(records))
            call('ZREM', 'barq:jobs', unpack(gone))
            call('HDEL', 'barq:rows', unpack(gone))
        end
    end
end
