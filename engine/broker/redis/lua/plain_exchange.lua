-- plain_exchange.lua - the exchange that most are. It is the whole one, where there is nothing that only that looks after;
-- which is slow to begin with, since each of its functions is made anew.
local fine, answer = pcall(function()
    -- Has nobody else changed it, and is nothing of it deferred or paused? As foreign.lua has it.
    local function is_known(queue)
        local known = 'barq:known:' .. queue
        local due = call('ZCOUNT', queue, '-inf', now_text)
        if due ~= call('ZCOUNT', known, '-inf', now_text) or call('ZCARD', queue) ~= call('ZCARD', known)
            or call('ZCOUNT', 'barq:deferred:' .. queue, '-inf', now_text) > 0
            or call('HGET', 'barq:queues', queue) == '1' then
            return false
        end
        return due == 0 or call('ZREVRANGEBYSCORE', queue, now_text, '-inf', 'LIMIT', 0, 1)[1]
            == call('ZREVRANGEBYSCORE', known, now_text, '-inf', 'LIMIT', 0, 1)[1]
    end

    local function is_quiet()
        local over = call('ZSCORE', 'barq:workers', plain.token)
        if not over or tonumber(over) <= now or call('ZCOUNT', 'barq:workers', '-inf', now_text) > 0 then
            return false
        end
        local keys = {'arq:abort', 'barq:waited', 'barq:ended'}
        for _, queue in ipairs(plain.queues) do
            keys[#keys + 1] = 'barq:lost:' .. queue
            keys[#keys + 1] = 'barq:limits:' .. queue
            keys[#keys + 1] = 'barq:slots:' .. queue
        end
        if call('EXISTS', unpack(keys)) > 0 then
            return false
        end
        for _, queue in ipairs(plain.queues) do
            if not is_known(queue) then
                return false
            end
        end
        return true
    end

    -- In how many ms something of it can be claimed.
    local function due_in(queue)
        if plain.left_in(queue) > 0 then
            return 0
        end
        local first = call('ZRANGE', 'barq:deferred:' .. queue, 0, 0, 'WITHSCORES')[2]
        return first and math.max(tonumber(first) - now, 0) or math.huge
    end

    if not plain.new_enough or not plain.may or not is_quiet() then
        return nil
    end
    plain.completes_asked, plain.completes_fit = true, plain.may_complete()
    if not plain.completes_fit then
        return nil
    end
    plain.claims_asked, plain.claims_fit = true, plain.may_claim()
    if not plain.claims_fit or plain.left_over > 0 then
        return nil
    end
    call('DEL', 'barq:nothing') -- as go_on_when_full()
    local count = 0
    for _, group in ipairs(plain.completes) do
        count = count + #group[3]
    end
    local due = (count == 0 or plain.complete()) and math.huge or 0
    local claims, number = plain.claim()
    for _, queue in ipairs(plain.queues) do
        prune(queue, count)
        due = math.min(due, due_in(queue))
    end
    return {0, string.rep('0', count), {}, '', '', {}, {}, due < math.huge and due or -1, 0, {}, number, claims}
end)
if fine and answer then
    return answer
end
