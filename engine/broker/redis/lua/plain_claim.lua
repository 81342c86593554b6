-- plain_claim.lua - jobs to be claimed, if the first that wait are due, without a try, and nobody's. Those that may have a
-- record, or were perhaps started without a trace, are left to claim.lua.
do
    local AT_ONCE = 100 -- bytes are read of so many, since only then it is known whether there is room for them
    local RECORDED, FOREIGN = string.byte('1'), string.byte('2')

    local waiting, taken = {}, {} -- of each queue: how many wait, and how many of the first of these are taken

    local function share_out()
        local left = plain.claim_max
        for _, share in ipairs(plain.shares) do
            local queue = share[1]
            waiting[queue] = waiting[queue] or call('ZCARD', 'barq:ready:' .. queue)
            local count = math.max(math.min(left, share[2], waiting[queue] - (taken[queue] or 0)), 0)
            taken[queue] = (taken[queue] or 0) + count
            left = left - count
        end
        for _, share in ipairs(plain.shares) do
            local queue = share[1]
            local count = math.min(left, waiting[queue] - taken[queue])
            taken[queue] = taken[queue] + count
            left = left - count
        end
    end

    local claims = {}  -- {queue, ids, payloads, due times, rows}
    local members = {} -- of each queue, as these are in it
    local locks, foreign = {}, {}
    plain.left_over = 0 -- so many are left to claim.lua
    plain.count = 0

    -- Ids, and keys of their bytes.
    local function choose(queue, waiting, doubted)
        local ids, jobs, own = {}, {}, {}
        local count = 0
        for _, member in ipairs(waiting) do
            local id, kind = string.sub(member, 14), string.byte(member, 13)
            if kind ~= RECORDED and (doubted == 0 or tonumber(string.sub(member, 1, 12)) > doubted) then
                count = count + 1
                ids[count] = id
                jobs[count] = 'arq:job:' .. id
                own[count] = member
                if kind == FOREIGN then
                    foreign[#foreign + 1] = jobs[count]
                end
            end
        end
        members[queue] = own
        taken[queue] = count
        plain.count = plain.count + count
        plain.left_over = plain.left_over + #waiting - count
        return ids, jobs
    end

    -- Has nobody a lock of these, or has tried one?
    local function are_free(ids)
        local keys = {}
        for i, id in ipairs(ids) do
            local lock = 'arq:in-progress:' .. id
            keys[2 * i - 1] = lock
            keys[2 * i] = 'arq:retry:' .. id
            locks[#locks + 1] = lock
        end
        return call('EXISTS', unpack(keys)) == 0
    end

    local function are_due(rows, dues, count)
        for i = 1, count do
            if not (rows[i] and dues[i] and tonumber(dues[i]) <= now) then
                return false
            end
        end
        return true
    end

    -- nil: of one there are none, or they are too many.
    local function payloads_of(ids, jobs)
        local payloads = {}
        for first = 1, #jobs, AT_ONCE do
            local last = math.min(first + AT_ONCE - 1, #jobs)
            local some = call('MGET', unpack(jobs, first, last))
            for i = first, last do
                local payload = some[i - first + 1]
                if not payload or #payload > plain.payload_max then
                    return nil
                end
                plain.bytes = plain.bytes - #payload - #ids[i] - plain.each
                payloads[i] = payload
            end
            if plain.bytes < 0 then
                return nil
            end
        end
        return payloads
    end

    local function note_queue(queue, count)
        local first = call('ZRANGE', 'barq:ready:' .. queue, 0, count - 1)
        local ids, jobs = choose(queue, first, tonumber(call('GET', 'barq:doubted') or 0))
        if #ids == 0 then
            return true
        end
        if not are_free(ids) then
            return false
        end
        local rows, dues = call('HMGET', 'barq:rows', unpack(ids)), call('ZMSCORE', queue, unpack(ids))
        local payloads = are_due(rows, dues, #ids) and payloads_of(ids, jobs)
        claims[#claims + 1] = {queue, ids, payloads, dues, rows}
        return payloads
    end

    -- Can they be claimed so, but for those that are left over? To be asked but once.
    function plain.may_claim()
        if plain.claim_max > plain.MOST then
            return false
        end
        local noted = {}
        share_out()
        for _, share in ipairs(plain.shares) do
            local queue = share[1]
            if not noted[queue] and taken[queue] > 0 and not note_queue(queue, taken[queue]) then
                plain.count = 0
                return false
            end
            noted[queue] = true
        end
        return true
    end

    local function run(queue, ids, text)
        local words = {}
        for i, id in ipairs(ids) do
            words[2 * i - 1] = id
            words[2 * i] = text
        end
        call('HSET', plain.running, unpack(words))
        if plain.left_over == 0 then
            call('ZREMRANGEBYRANK', 'barq:ready:' .. queue, 0, #ids - 1)
        else
            call('ZREM', 'barq:ready:' .. queue, unpack(members[queue]))
        end
    end

    -- Those that have been asked for, and the number of the claim; 0 when there are none.
    function plain.claim()
        if #claims == 0 then
            return claims, 0
        end
        local number = string.format('%d', call('INCR', 'barq:claims'))
        local lock, life = plain.token .. ':' .. number, string.format('%d', plain.lease)
        for _, key in ipairs(locks) do
            call('PSETEX', key, life, lock)
        end
        for _, key in ipairs(foreign) do
            call('PERSIST', key) -- its bytes may expire
        end
        for _, claimed in ipairs(claims) do
            run(claimed[1], claimed[2], number .. '\n' .. since_text .. '\n' .. claimed[1] .. '\n')
        end
        return claims, number
    end

    function plain.taken_of(queue)
        return taken[queue] or 0
    end

    -- How many wait for good.
    function plain.left_in(queue)
        return (waiting[queue] or call('ZCARD', 'barq:ready:' .. queue)) - (taken[queue] or 0)
    end
end
