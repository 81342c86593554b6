-- count.lua - how many jobs a queue has.

local function count_running(queue)
    return call('ZCARD', 'barq:known:' .. queue) - call('ZCARD', 'barq:ready:' .. queue)
        - call('ZCARD', 'barq:lost:' .. queue) - call('ZCARD', 'barq:deferred:' .. queue)
        - call('ZCARD', 'barq:blocked:' .. queue) - count_held(queue)
end

-- Of a paused queue only what runs is unfinished.
local function count_unfinished(queue)
    return is_paused(queue) and count_running(queue) or call('ZCARD', queue)
end
