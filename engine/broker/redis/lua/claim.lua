-- claim.lua - jobs whose turn has come go to this worker.
local AHEAD = 200       -- candidates beyond what is wanted, where some may be over a limit
local LIST_MAX = 100    -- candidates at once: the bytes of all of them are read, whether or not there is room for them
local MOVES_MAX = 1000  -- jobs held in one exchange
local SLOTS_MAX = 100   -- slots looked at in one exchange
local ABORTED, DOUBTED, GHOST = 1, 2, 4
local FOREIGN = string.byte('2')
local NO_SLOTS = {}

local claimed = {}
local bytes_left = request.bytes
local full = false -- the answer is
local more = false -- there is more to be done at once
local moves_left = MOVES_MAX
local lost_left = request.lost_max
local number -- of the claims of this exchange
local wishes_there, doubted

local function claim_number()
    number = number or string.format('%d', call('INCR', 'barq:claims'))
    return number
end

-- Candidates have their member, their turn, the set that they are in, and the slot if they are held for one.
local function list_from(list, key, count, slot)
    local got = call('ZRANGE', key, 0, count - 1, 'WITHSCORES')
    for i = 1, #got, 2 do
        list[#list + 1] = {member = got[i], turn = tonumber(got[i + 1]), from = key, slot = slot}
    end
end

-- Slots in which there may be room. When the clock was put back, one may say to look much too late.
local function slots_to_look_at(queue)
    local key = 'barq:slots:' .. queue
    local slots = call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, SLOTS_MAX)
    local last = call('ZREVRANGEBYSCORE', key, '(+inf', '(' .. string.format('%d', now), 'WITHSCORES', 'LIMIT', 0, 1)
    if last[1] then
        local limit = slot_named(last[1]).limit
        if not limit or tonumber(last[2]) > now + limit.per then
            slots[#slots + 1] = last[1]
        end
    end
    return slots
end

-- Jobs held for these.
local function list_held(list, queue, max)
    local slots = slots_to_look_at(queue)
    for _, name in ipairs(slots) do
        local held = 'barq:held:' .. queue .. '\t' .. name
        local room = room_of(slot_named(name))
        if call('EXISTS', held) == 0 then
            call('ZREM', 'barq:slots:' .. queue, name)
        elseif room.left <= 0 then
            call('ZADD', 'barq:slots:' .. queue, room.again, name)
        else
            -- Those of a function may be over the limit of their key.
            list_from(list, held, math.min(room.left, max) + (string.sub(name, 1, 2) == 'a:' and AHEAD or 0), name)
        end
    end
    return #slots > 0
end

local function in_turn(a, b)
    if a.turn ~= b.turn then
        return a.turn < b.turn
    end
    return a.member < b.member
end

local function candidates(queue, lost, max, limited)
    local list = {}
    list_from(list, (lost and 'barq:lost:' or 'barq:ready:') .. queue, max + (limited and AHEAD or 0))
    if limited and not lost and list_held(list, queue, max) then
        table.sort(list, in_turn)
    end
    return list
end

-- An arq worker may have finished it meanwhile, or put it off, or an arq client enqueued another one of its id.
local function is_still_due(queue, id, job)
    local due = call('ZSCORE', queue, id)
    if not due then
        let_go(queue, id)
    elseif tonumber(due) > now then
        reschedule(queue, id, tonumber(due))
    else
        return true
    end
    return false
end

-- An id without bytes has expired, unless it has run.
local function is_ghost(queue, id, job, tries)
    if tries or job[BEFORE] or call('EXISTS', 'arq:result:' .. id) == 1 then
        call('ZREM', queue, id)
        let_go(queue, id)
        return false
    end
    return true
end

local function is_to_run(job, aborted)
    return not aborted and not job[REFUSAL] and
        not (job[EXPIRES] and not job[BEFORE] and tonumber(job[EXPIRES]) <= now)
end

-- Judges a job by its limits: its slots, if it may be claimed; else nil, and 'stop' if nothing behind it may either.
local function find_room(queue, id, job, at)
    local slots = slots_of(queue, job)
    local slot = full_slot(slots)
    if not slot then
        if count_starts(slots) and request.free_max <= #claimed then
            return nil, 'stop'
        end
        return slots
    end
    if slot.name == at.slot then
        call('ZADD', 'barq:slots:' .. queue, room_of(slot).again, slot.name)
    elseif moves_left == 0 then
        more = true
        return nil, 'stop'
    else
        moves_left = moves_left - 1
        call('ZREM', at.from, at.member)
        hold(queue, id, job, slot, at.turn)
    end
    return nil
end

local lease_text = string.format('%d', worker.lease)
local running_key = 'barq:running:' .. worker.token
local token

-- False: an arq worker has it.
local function lock(queue, id, at)
    token = token or worker.token .. ':' .. claim_number()
    if call('SET', 'arq:in-progress:' .. id, token, 'NX', 'PX', lease_text) then
        gather('ZREM', at.from, at.member)
        return true
    end
    call('ZREM', at.from, at.member)
    wait_elsewhere(queue, at.member)
    return false
end

local function take(queue, id, job, at, slots, payload, tries, flags)
    if not lock(queue, id, at) then
        return false
    end
    gather('HSET', running_key, id, running_text(number, queue, slots, 'r' .. (tries and 't' or '')))
    take_slots(slots, id, number)
    if doubted >= tonumber(string.sub(at.member, 1, 12)) then
        flags = flags + DOUBTED
    end
    local size = payload and #payload or 0
    claimed[#claimed + 1] = {id, size <= request.payload_max and payload or false, at.turn, job, queue, size, tries,
        flags}
    bytes_left = bytes_left - size - #id - request.each
    return true
end

local function has_room_for(id, payload)
    if #claimed + plain.count > 0 and payload and #payload + #id + request.each > bytes_left then
        full = true
        return false
    end
    return true
end

-- What is not to run, or may not yet, and else claims it.
local function consider(queue, at, lost, limited, payload, tries)
    local id = id_of(at.member)
    local job = read(id)
    if not job[SEQ] or job[FINISHED] then
        call('ZREM', at.from, at.member)
        if not job[SEQ] then
            call('ZREM', 'barq:known:' .. queue, id) -- if it is there, it is adopted anew
        end
        return false
    end
    if not lost and is_lost(job) and lost_left == 0 then
        call('ZREM', at.from, at.member)
        call('ZADD', 'barq:lost:' .. queue, at.turn, at.member)
        return false
    end
    if limited then
        payload = text_of('arq:job:' .. id)
    end
    if not is_still_due(queue, id, job) then
        call('ZREM', at.from, at.member) -- whatever is known of it
        return false
    end
    if not payload and call('EXISTS', 'arq:job:' .. id) == 1 then
        payload = '' -- it is no string: nobody can read it
    end
    local ghost = not payload
    if ghost and not is_ghost(queue, id, job, tries) then
        return false
    end
    local aborted = wishes_there and is_aborted(id, job)
    local slots, stop = {}, nil
    if limited and not ghost and is_to_run(job, aborted) then
        slots, stop = find_room(queue, id, job, at)
        if not slots then
            return false, stop
        end
    end
    if not has_room_for(id, payload) then
        return false, 'stop'
    end
    if not job[ET] and payload then
        call('PERSIST', 'arq:job:' .. id)
    end
    local taken = take(queue, id, job, at, slots, payload, tries, (aborted and ABORTED or 0) + (ghost and GHOST or 0))
    if taken and not lost and is_lost(job) then -- it was held
        lost_left = lost_left - 1
    end
    return taken
end

local running = {} -- of each queue, what is written of such a job

-- The same for most: no limit, no record, nothing that arq's side has done.
local function take_plain(queue, at, payload, row)
    local id = id_of(at.member)
    if not has_room_for(id, payload) then
        return false, 'stop'
    end
    if not lock(queue, id, at) then
        return false
    end
    if string.byte(at.member, 13) == FOREIGN then -- its bytes may expire
        call('PERSIST', 'arq:job:' .. id)
    end
    running[queue] = running[queue] or running_text(number, queue, NO_SLOTS, '')
    gather('HSET', running_key, id, running[queue])
    claimed[#claimed + 1] = {id, payload, at.turn, row}
    bytes_left = bytes_left - #payload - #id - request.each
    return true
end

-- Of many members at once, as Redis can from 6.2 on.
local function scores(queue, ids)
    if redis.pcall('ZMSCORE', queue, '').err then
        local dues = {}
        for i, id in ipairs(ids) do
            dues[i] = call('ZSCORE', queue, id)
        end
        return dues
    end
    return many('ZMSCORE', queue, ids)
end

-- How many were claimed, and whether to go on.
local function claim_list(queue, list, max, lost, limited)
    local jobs, retries, ids = {}, {}, {}
    for i, at in ipairs(list) do
        local id = id_of(at.member)
        ids[i] = id
        jobs[i] = 'arq:job:' .. id
        retries[i] = 'arq:retry:' .. id
    end
    local payloads = limited and {} or many('MGET', nil, jobs)
    local rows = limited and {} or many('HMGET', 'barq:rows', ids)
    local dues = limited and {} or scores(queue, ids)
    retries = many('MGET', nil, retries)
    local may_be_plain = not limited and not wishes_there
    local count = 0
    for i, at in ipairs(list) do
        if count == max then
            break
        end
        local plain = may_be_plain and not retries[i] and payloads[i] and rows[i] and dues[i]
            and tonumber(dues[i]) <= now and string.sub(at.member, 13, 13) ~= '1'
            and (doubted == 0 or doubted < tonumber(string.sub(at.member, 1, 12)))
            and #payloads[i] <= request.payload_max
        local taken, stop
        if plain then
            taken, stop = take_plain(queue, at, payloads[i], rows[i])
        else
            taken, stop = consider(queue, at, lost, limited, payloads[i], retries[i])
        end
        if stop then
            flush()
            return count, false
        end
        count = count + (taken and 1 or 0)
    end
    flush()
    return count, true
end

local function claim_kind(queue, lost, max)
    local limited = is_limited(queue)
    local all, go_on = 0, true
    while go_on and all < max do
        local list = candidates(queue, lost, math.min(max - all, LIST_MAX), limited)
        if #list == 0 then
            break
        end
        local count
        count, go_on = claim_list(queue, list, max - all, lost, limited)
        all = all + count
    end
    return all
end

local function claim_queue(queue, max)
    if full or max <= 0 or is_paused(queue) then
        return
    end
    local lost = claim_kind(queue, true, math.min(max, lost_left))
    lost_left = lost_left - lost
    if not full then
        claim_kind(queue, false, max - lost)
    end
end

-- Each queue its share, then what they have left over, in their order.
local function claim_all()
    wishes_there = call('EXISTS', 'arq:abort') == 1
    doubted = tonumber(call('GET', 'barq:doubted') or 0)
    for _, share in ipairs(request.shares) do
        claim_queue(share[1], math.min(request.claim_max - #claimed, share[2]))
    end
    for _, share in ipairs(request.shares) do
        claim_queue(share[1], request.claim_max - #claimed)
    end
end

-- Until something of a queue can be claimed; nil: nothing waits.
local function next_due(queue)
    if call('EXISTS', 'barq:ready:' .. queue, 'barq:lost:' .. queue) > 0 then
        return 0
    end
    local first = call('ZRANGE', 'barq:deferred:' .. queue, 0, 0, 'WITHSCORES')[2]
    local look = call('ZRANGE', 'barq:slots:' .. queue, 0, 0, 'WITHSCORES')[2]
    local at = math.min(tonumber(first or math.huge), look and look ~= 'inf' and tonumber(look) or math.huge)
    return at < math.huge and math.max(at - now, 0) or nil
end
