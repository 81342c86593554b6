-- plain_claim.lua - jobs to be claimed, if the first that wait are due, without a record or a try, and nobody's.
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

    local claims = {} -- {queue, ids, payloads, due times, rows}
    local locks, foreign = {}, {}
    local left = plain.bytes

    -- Keys of their bytes, and ids; nil: one of them may have a record, or was perhaps started without a trace.
    local function names_of(members, doubted)
        local ids, jobs = {}, {}
        for i, member in ipairs(members) do
            local id, kind = string.sub(member, 14), string.byte(member, 13)
            if kind == RECORDED or (doubted > 0 and tonumber(string.sub(member, 1, 12)) <= doubted) then
                return nil
            end
            ids[i] = id
            jobs[i] = 'arq:job:' .. id
            if kind == FOREIGN then
                foreign[#foreign + 1] = jobs[i]
            end
        end
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
                left = left - #payload - #ids[i] - plain.each
                payloads[i] = payload
            end
            if left < 0 then
                return nil
            end
        end
        return payloads
    end

    local function note_queue(queue, count)
        local members = call('ZRANGE', 'barq:ready:' .. queue, 0, count - 1)
        local ids, jobs = names_of(members, tonumber(call('GET', 'barq:doubted') or 0))
        if not ids or not are_free(ids) then
            return false
        end
        local rows, dues = call('HMGET', 'barq:rows', unpack(ids)), call('ZMSCORE', queue, unpack(ids))
        local payloads = are_due(rows, dues, #ids) and payloads_of(ids, jobs)
        claims[#claims + 1] = {queue, ids, payloads, dues, rows}
        return payloads
    end

    -- Are all that are to be claimed plain? To be asked but once.
    function plain.may_claim()
        if plain.claim_max > plain.MOST then
            return false
        end
        local noted = {}
        share_out()
        for _, share in ipairs(plain.shares) do
            local queue = share[1]
            if not noted[queue] and taken[queue] > 0 and not note_queue(queue, taken[queue]) then
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
        call('ZREMRANGEBYRANK', 'barq:ready:' .. queue, 0, #ids - 1)
    end

    -- Those that have been asked for, and the number of the claim.
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

    -- How many wait for good.
    function plain.left_in(queue)
        return (waiting[queue] or call('ZCARD', 'barq:ready:' .. queue)) - (taken[queue] or 0)
    end
end
