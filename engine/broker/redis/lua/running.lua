-- running.lua - what a worker has claimed: barq:running:W, a hash of
--
--     id -> claim \n since when \n queue \n what there may be: r a record, t tries as arq counts \n slot \n slot
--
-- (what is empty at its end is left out)
--
-- and, for arq's workers and clients, the job's in-progress key, whose value is W:claim. Whoever holds both may say
-- what became of the job. An arq worker may take a job whose in-progress key has run out.
local function running_text(claim, queue, slots, has)
    local text = claim .. '\n' .. since_text .. '\n' .. queue .. '\n' .. has
    for _, slot in ipairs(slots) do
        text = text .. '\n' .. slot.name
    end
    return text
end

local parsed = {} -- jobs that were claimed together have mostly the same text

local function running_of(text)
    if parsed[text] then
        return parsed[text]
    end
    local claim, at, queue, has, slots = string.match(text, '^(%d+)\n0*(%d+)\n([^\n]*)\n([^\n]*)(.*)$')
    local run = {claim = claim, at = at, queue = queue, has = has, slots = {}}
    for slot in string.gmatch(slots, '\n([^\n]*)') do
        run.slots[#run.slots + 1] = slot
    end
    parsed[text] = run
    return run
end

local function free_slots(run, id, unstarted)
    for _, slot in ipairs(run.slots) do
        free_slot(slot, id, run.claim, unstarted)
    end
end

local function add_history(id, entry)
    local all = call('HGET', record_of(id), 'history')
    local lines = {}
    for line in string.gmatch((all and all .. '\n' or '') .. entry, '[^\n]+') do
        lines[#lines + 1] = line
    end
    call('HSET', record_of(id), 'history',
        table.concat(lines, '\n', math.max(1, #lines - request.history_max + 1)))
end

-- When it was enqueued, at the latest; nil: unknown. Of a job of an arq client that nobody has tried yet it is the time
-- that it is due, since arq makes that the least there is when it wishes an abort before.
local function enqueued_at(id, job)
    if job[ET] or job[BEFORE] or call('EXISTS', 'arq:retry:' .. id) == 1 then
        return tonumber(job[ET] or nil)
    end
    return tonumber(job[QUEUE] and call('ZSCORE', job[QUEUE], id) or nil)
end

-- An abort was wished of it, by arq's set, which an arq client may have filled. What was wished before this job was
-- enqueued was another one's.
local function is_aborted(id, job)
    local wished = call('ZSCORE', 'arq:abort', id)
    local since = wished and enqueued_at(id, job)
    if since and tonumber(wished) < since then
        call('ZREM', 'arq:abort', id)
        return false
    end
    return wished ~= false
end

-- Waits again, `due` then, or as it was; its claim has ended. A row that is gone (evicted, deleted) begins anew.
local function wait_again(id, job, run, due)
    local queue = run.queue
    if not job[SEQ] then
        job[SEQ] = call('INCR', 'barq:seq')
        call('HSET', 'barq:rows', id, row_of(job[SEQ], queue))
        call('ZADD', 'barq:jobs', job[SEQ], id)
    end
    if due then
        schedule(queue, id, due)
    else
        due = tonumber(call('ZSCORE', queue, id)) or now
    end
    wait(queue, id, job, due)
end

-- All that a dead worker had claimed waits again, with one loss more.
local function lose(worker)
    local all = call('HGETALL', 'barq:running:' .. worker)
    for i = 1, #all, 2 do
        local id, run = all[i], running_of(all[i + 1])
        local lock = text_of('arq:in-progress:' .. id)
        free_slots(run, id, false)
        local job = read(id)
        if not job[FINISHED] and call('ZSCORE', run.queue, id) then
            if lock == worker .. ':' .. run.claim then
                call('DEL', 'arq:in-progress:' .. id)
            end
            write(id, 'before', 1)
            job[LOSSES] = call('HINCRBY', record_of(id), 'losses', 1)
            call('HSET', record_of(id), 'alone', 1)
            add_history(id, request.lost)
            wait_again(id, job, run, is_aborted(id, job) and now or nil)
        end
    end
    call('DEL', 'barq:running:' .. worker)
end
