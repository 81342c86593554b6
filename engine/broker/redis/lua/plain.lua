-- plain.lua - the exchange that most are: jobs that are complete, and jobs to be claimed, of which no more is to be said.
-- It asks first, and writes then; where anything is not plain it has written nothing, and what follows in the script does
-- the exchange. That is slow to begin with, since each of its functions is made anew, and it looks at each job.
--
-- ARGV[2] is {may, db, token, lease, queues, completes, shares, claim_max, bytes, each, payload_max}; completes are
-- {claim, keep, ids, results} of jobs that were claimed together.
local said = cmsgpack.unpack(ARGV[2])
local completes = said[6]

local function plain_exchange()
    local MOST = 1000 -- jobs, since a call has room for so many words
    local may, db, token, lease, queues, _, shares, claim_max, bytes, each, payload_max = unpack(said)
    if not may or claim_max > MOST or not redis.REDIS_VERSION_NUM then -- Redis is older than 7.0
        return nil
    end
    local RECORDED, FOREIGN = string.byte('1'), string.byte('2')
    local running = 'barq:running:' .. token

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

    -- Is there nothing that only the whole exchange looks after?
    local function is_quiet()
        local over = call('ZSCORE', 'barq:workers', token)
        if not over or tonumber(over) <= now or call('ZCOUNT', 'barq:workers', '-inf', now_text) > 0 then
            return false
        end
        local keys = {'arq:abort', 'barq:waited', 'barq:ended'}
        for _, queue in ipairs(queues) do
            keys[#keys + 1] = 'barq:lost:' .. queue
            keys[#keys + 1] = 'barq:limits:' .. queue
            keys[#keys + 1] = 'barq:slots:' .. queue
        end
        if call('EXISTS', unpack(keys)) > 0 then
            return false
        end
        for _, queue in ipairs(queues) do
            if not is_known(queue) then
                return false
            end
        end
        return true
    end

    local runs = {} -- what is said of running jobs, taken apart: mostly the same of all that were claimed together

    local function run_of(text)
        if not runs[text] then
            local claim, queue = string.match(text, '^(%d+)\n%d+\n([^\n]*)\n$') -- without a record, tries, or slots
            runs[text] = {claim = claim, queue = queue}
        end
        return runs[text]
    end

    local count = 0 -- of those that are complete
    local seen = {}
    local ended = {} -- of each queue {ids, until when and which are kept, a set of these times}
    local doomed, dated, gone = {}, {}, {} -- keys; rows of those that are kept for ever; those of which nothing is kept

    local function add_complete(id, list, keep, till, row)
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

    -- Are all of these running here, and plain?
    local function note_complete(claim, keep, ids)
        local texts = call('HMGET', running, unpack(ids))
        local rows = keep < 0 and call('HMGET', 'barq:rows', unpack(ids)) or {}
        local till = keep < 0 and '+inf' or string.format('%d', now + keep)
        for i, id in ipairs(ids) do
            local run = texts[i] and run_of(texts[i])
            if not run or run.claim ~= claim or seen[id] or (keep < 0 and not rows[i]) then
                return false
            end
            seen[id] = true
            ended[run.queue] = ended[run.queue] or {{}, {}, {}}
            add_complete(id, ended[run.queue], keep, till, rows[i])
        end
        return true
    end

    local waiting, taken = {}, {} -- of each queue: how many wait, and how many of the first of these are taken

    local function share_out()
        local left = claim_max
        for _, share in ipairs(shares) do
            local queue = share[1]
            waiting[queue] = waiting[queue] or call('ZCARD', 'barq:ready:' .. queue)
            local number = math.max(math.min(left, share[2], waiting[queue] - (taken[queue] or 0)), 0)
            taken[queue] = (taken[queue] or 0) + number
            left = left - number
        end
        for _, share in ipairs(shares) do
            local queue = share[1]
            local number = math.min(left, waiting[queue] - taken[queue])
            taken[queue] = taken[queue] + number
            left = left - number
        end
    end

    local claims = {} -- {queue, ids, payloads, due times, rows}
    local locks, foreign = {}, {}
    local doubted = tonumber(call('GET', 'barq:doubted') or 0)
    local left = bytes

    -- nil: of one there are none, or they are too many. So few at once, since all of these are read before that is known.
    local function payloads_of(ids, jobs)
        local AT_ONCE = 100
        local payloads = {}
        for first = 1, #jobs, AT_ONCE do
            local last = math.min(first + AT_ONCE - 1, #jobs)
            local some = call('MGET', unpack(jobs, first, last))
            for i = first, last do
                local payload = some[i - first + 1]
                if not payload or #payload > payload_max then
                    return nil
                end
                left = left - #payload - #ids[i] - each
                payloads[i] = payload
            end
            if left < 0 then
                return nil
            end
        end
        return payloads
    end

    -- Are the first that wait plain, due, untried, and nobody's? All of them are claimed then.
    local function note_claims(queue, number)
        local members = call('ZRANGE', 'barq:ready:' .. queue, 0, number - 1)
        local ids, jobs, others = {}, {}, {}
        for i, member in ipairs(members) do
            local id, kind = string.sub(member, 14), string.byte(member, 13)
            if kind == RECORDED or (doubted > 0 and tonumber(string.sub(member, 1, 12)) <= doubted) then
                return false
            end
            ids[i] = id
            jobs[i] = 'arq:job:' .. id
            others[2 * i - 1] = 'arq:in-progress:' .. id
            others[2 * i] = 'arq:retry:' .. id
            locks[#locks + 1] = others[2 * i - 1]
            if kind == FOREIGN then
                foreign[#foreign + 1] = jobs[i]
            end
        end
        if call('EXISTS', unpack(others)) > 0 then
            return false
        end
        local rows, dues = call('HMGET', 'barq:rows', unpack(ids)), call('ZMSCORE', queue, unpack(ids))
        for i = 1, #ids do
            if not (rows[i] and dues[i] and tonumber(dues[i]) <= now) then
                return false
            end
        end
        local payloads = payloads_of(ids, jobs)
        claims[#claims + 1] = {queue, ids, payloads, dues, rows}
        return payloads ~= nil
    end

    local function is_plain()
        for _, group in ipairs(completes) do
            if count + #group[3] > MOST or not note_complete(group[1], group[2], group[3]) then
                return false
            end
        end
        share_out()
        local noted = {}
        for _, share in ipairs(shares) do
            local queue = share[1]
            if not noted[queue] and taken[queue] > 0 and not note_claims(queue, taken[queue]) then
                return false
            end
            noted[queue] = true
        end
        return true
    end

    -- True when as many have left the queues as were known to be in them.
    local function finish()
        local alike = true
        for _, group in ipairs(completes) do
            local life = string.format('%d', math.max(group[2] - 1, 1)) -- Redis keeps a key until its time is over
            for i, id in ipairs(group[2] ~= 0 and group[3] or {}) do
                if group[2] < 0 then
                    call('SET', 'arq:result:' .. id, group[4][i])
                else
                    call('PSETEX', 'arq:result:' .. id, life, group[4][i])
                end
            end
            call('HDEL', running, unpack(group[3]))
        end
        call('DEL', unpack(doomed))
        for queue, list in pairs(ended) do
            alike = call('ZREM', queue, unpack(list[1])) == call('ZREM', 'barq:known:' .. queue, unpack(list[1])) and alike
            if #list[2] > 0 then
                call('ZADD', 'barq:finished:' .. queue, unpack(list[2]))
            end
            for till in pairs(list[3]) do
                call('ZADD', 'barq:times:' .. queue, till, now_text .. '\t' .. till)
            end
        end
        if #dated > 0 then
            call('HSET', 'barq:rows', unpack(dated))
        end
        if #gone > 0 then
            call('HDEL', 'barq:rows', unpack(gone))
            call('ZREM', 'barq:jobs', unpack(gone))
        end
        call('PUBLISH', 'barq:done:' .. db, '')
        return alike
    end

    local number = 0

    local function claim()
        number = string.format('%d', call('INCR', 'barq:claims'))
        local lock, life = token .. ':' .. number, string.format('%d', lease)
        for _, key in ipairs(locks) do
            call('PSETEX', key, life, lock)
        end
        for _, key in ipairs(foreign) do
            call('PERSIST', key) -- its bytes may expire
        end
        for _, claimed in ipairs(claims) do
            local text = number .. '\n' .. since_text .. '\n' .. claimed[1] .. '\n'
            local words = {}
            for i, id in ipairs(claimed[2]) do
                words[2 * i - 1] = id
                words[2 * i] = text
            end
            call('HSET', running, unpack(words))
            call('ZREMRANGEBYRANK', 'barq:ready:' .. claimed[1], 0, #claimed[2] - 1)
        end
    end

    -- In how many ms something of it can be claimed.
    local function due_in(queue)
        if (waiting[queue] or call('ZCARD', 'barq:ready:' .. queue)) > (taken[queue] or 0) then
            return 0
        end
        local first = call('ZRANGE', 'barq:deferred:' .. queue, 0, 0, 'WITHSCORES')[2]
        return first and math.max(tonumber(first) - now, 0) or math.huge
    end

    if not is_quiet() or not is_plain() then
        return nil
    end
    call('DEL', 'barq:nothing') -- as go_on_when_full()
    local due = (count == 0 or finish()) and math.huge or 0
    if #claims > 0 then
        claim()
    end
    for _, queue in ipairs(queues) do
        prune(queue, count)
        due = math.min(due, due_in(queue))
    end
    return {0, string.rep('0', count), {}, '', '', {}, {}, due < math.huge and due or -1, 0, {}, number, claims}
end

local plain, answer = pcall(plain_exchange)
if plain and answer then
    return answer
end
