-- plain_enqueue.lua - jobs of one queue that wait for no others are enqueued by few commands, if there is nothing of their
-- ids. Else nothing has been written, and what follows in the script judges each by itself.
--
-- ARGV[2], if it is there, is {db, queue, ids, payloads, due times, turns, rows}: columns, whose numbers are digits; of
-- the rows what is behind their numbers.
local columns = ARGV[2] and cmsgpack.unpack(ARGV[2])

local function enqueue_columns()
    local MOST = 2000 -- jobs, since a call has room for so many words
    local db, queue, ids, payloads, dues, turns, rows = unpack(columns)
    local count = #ids

    local function is_free()
        local results, seen = {}, {}
        for i, id in ipairs(ids) do
            if seen[id] then
                return false
            end
            seen[id] = true
            results[i] = 'arq:result:' .. id
        end
        if call('EXISTS', unpack(results)) > 0 then
            return false
        end
        local known = call('HMGET', 'barq:rows', unpack(ids))
        for i = 1, count do
            if known[i] then
                return false
            end
        end
        return true
    end

    -- False: of one id there are bytes, and none has been set.
    local function set_bytes()
        local words = {}
        for i, id in ipairs(ids) do
            words[2 * i - 1] = 'arq:job:' .. id
            words[2 * i] = payloads[i]
        end
        return call('MSETNX', unpack(words)) == 1
    end

    local function add_members()
        local numbered, known, ready, deferred = {}, {}, {}, {}
        local seq = call('INCRBY', 'barq:seq', count) - count
        for i, id in ipairs(ids) do
            local at, number = 2 * i - 1, string.format('%d', seq + i)
            local list, score = ready, turns[i]
            if tonumber(dues[i]) > now then
                list, score = deferred, dues[i]
            end
            numbered[at], numbered[at + 1] = number, id
            known[at], known[at + 1] = dues[i], id
            rows[i] = number .. rows[i]
            list[#list + 1] = score
            list[#list + 1] = string.format('%012d0%s', seq + i, id) -- as plain_member_of()
        end
        call('ZADD', 'barq:jobs', unpack(numbered))
        call('ZADD', queue, unpack(known))
        call('ZADD', 'barq:known:' .. queue, unpack(known))
        if #ready > 0 then
            call('ZADD', 'barq:ready:' .. queue, unpack(ready))
        end
        if #deferred > 0 then
            call('ZADD', 'barq:deferred:' .. queue, unpack(deferred))
        end
    end

    local function add_rows()
        local words = {}
        for i, id in ipairs(ids) do
            words[2 * i - 1] = id
            words[2 * i] = rows[i]
        end
        call('HSET', 'barq:rows', unpack(words))
    end

    if count > MOST or not is_free() or not set_bytes() then
        return nil
    end
    call('HSETNX', 'barq:queues', queue, 0)
    add_members()
    add_rows()
    call('PUBLISH', 'barq:wake:' .. db .. ':' .. queue, '')
    return string.rep('0', count)
end

local plain, answer = true, nil
if columns then
    plain, answer = pcall(enqueue_columns)
end
if plain and answer then
    return answer
end
