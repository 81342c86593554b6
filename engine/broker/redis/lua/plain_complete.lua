-- plain_complete.lua - jobs that are complete, if they are running here, and without a record, tries, or slots.
do
    local runs = {} -- what is said of running jobs, taken apart: mostly the same of all that were claimed together

    local function run_of(text)
        if not runs[text] then
            local claim, queue = string.match(text, '^(%d+)\n%d+\n([^\n]*)\n$')
            runs[text] = {claim = claim, queue = queue}
        end
        return runs[text]
    end

    local count, seen = 0, {}
    local ended = {} -- of each queue {ids, until when and which are kept, a set of these times}
    local doomed, dated, gone = {}, {}, {} -- keys; rows of those that are kept for ever; those of which nothing is kept

    local function note(id, list, keep, till, row)
        local ids, ends, times = list[1], list[2], list[3]
        count = count + 1
        ids[#ids + 1] = id
        doomed[2 * count - 1] = 'arq:job:' .. id
        doomed[2 * count] = 'arq:in-progress:' .. id
        if keep == 0 then
            gone[#gone + 1] = id
            return
        end
        ends[#ends + 1] = till
        ends[#ends + 1] = id
        if row then
            dated[#dated + 1] = id
            dated[#dated + 1] = row .. '\t' .. now_text
        else
            times[till] = true
        end
    end

    local function note_group(claim, keep, ids)
        local texts = call('HMGET', plain.running, unpack(ids))
        local rows = keep < 0 and call('HMGET', 'barq:rows', unpack(ids)) or {}
        local till = keep < 0 and '+inf' or string.format('%d', now + keep)
        for i, id in ipairs(ids) do
            local run = texts[i] and run_of(texts[i])
            if not run or run.claim ~= claim or seen[id] or (keep < 0 and not rows[i]) then
                return false
            end
            seen[id] = true
            ended[run.queue] = ended[run.queue] or {{}, {}, {}}
            note(id, ended[run.queue], keep, till, rows[i])
        end
        return true
    end

    -- Are all of them plain? To be asked but once.
    function plain.may_complete()
        for _, group in ipairs(plain.completes) do
            if count + #group[3] > plain.MOST or not note_group(group[1], group[2], group[3]) then
                return false
            end
        end
        return true
    end

    local function keep_results(keep, ids, results)
        local life = string.format('%d', math.max(keep - 1, 1)) -- Redis keeps a key until its time is over
        for i, id in ipairs(ids) do
            if keep < 0 then
                call('SET', 'arq:result:' .. id, results[i])
            elseif keep > 0 then
                call('PSETEX', 'arq:result:' .. id, life, results[i])
            end
        end
    end

    -- True when as many have left the queue as were known to be in it.
    local function leave(queue, ids, ends, times)
        if #ends > 0 then
            call('ZADD', 'barq:finished:' .. queue, unpack(ends))
        end
        for till in pairs(times) do
            call('ZADD', 'barq:times:' .. queue, till, now_text .. '\t' .. till)
        end
        return call('ZREM', queue, unpack(ids)) == call('ZREM', 'barq:known:' .. queue, unpack(ids))
    end

    -- Of those that have been asked for. False: of a queue others left than were known, it is to be looked at.
    function plain.complete()
        local alike = true
        for _, group in ipairs(plain.completes) do
            keep_results(group[2], group[3], group[4])
            call('HDEL', plain.running, unpack(group[3]))
        end
        call('DEL', unpack(doomed))
        for queue, list in pairs(ended) do
            alike = leave(queue, list[1], list[2], list[3]) and alike
        end
        if #dated > 0 then
            call('HSET', 'barq:rows', unpack(dated))
        end
        if #gone > 0 then
            call('HDEL', 'barq:rows', unpack(gone))
            call('ZREM', 'barq:jobs', unpack(gone))
        end
        call('PUBLISH', 'barq:done:' .. plain.db, '')
        return alike
    end
end
