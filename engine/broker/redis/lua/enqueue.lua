-- enqueue.lua - a job of barq's clients comes into its queue.
--
-- {id, queue, payload, et, due, expires, function, key, priority, uncertain, after, after_failed}; what is not
-- said is false. No time to live is set: what was accepted stays until it has an outcome.
local J = {ID = 1, QUEUE = 2, PAYLOAD = 3, ET = 4, DUE = 5, EXPIRES = 6, FUNCTION = 7, KEY = 8, PRIORITY = 9,
    UNCERTAIN = 10, AFTER = 11, AFTER_FAILED = 12}

-- Is an id free, as arq sees it? What is dead and has no result makes room.
local function make_room(id)
    if call('EXISTS', 'arq:job:' .. id, 'arq:result:' .. id) > 0 then
        return false
    end
    local job = read(id)
    if job[SEQ] and not job[FINISHED] then
        return false
    end
    if job[SEQ] then
        forget(id, job)
    end
    return true
end

-- Of all jobs, at once: whether there is anything of their ids.
local function find_taken(jobs)
    local keys, ids = {}, {}
    for i, job in ipairs(jobs) do
        local id = job[J.ID]
        ids[i] = id
        keys[2 * i - 1] = 'arq:job:' .. id
        keys[2 * i] = 'arq:result:' .. id
    end
    local any = 0
    for first = 1, #keys, CHUNK do
        any = any + call('EXISTS', unpack(keys, first, math.min(first + CHUNK - 1, #keys)))
    end
    return any > 0, many('HMGET', 'barq:rows', ids)
end

-- Its number is the caller's, of `barq:seq`.
local function add_job(job, seq)
    local id, queue, due = job[J.ID], job[J.QUEUE], job[J.DUE]
    local plain = not job[J.UNCERTAIN] and not job[J.AFTER]
    know_queue(queue)
    make('arq:job:' .. id, job[J.PAYLOAD])
    gather('HSET', 'barq:rows', id, row_of(seq, queue, string.format('%d', job[J.ET]), job[J.FUNCTION],
        job[J.EXPIRES] and string.format('%d', job[J.EXPIRES]), job[J.PRIORITY], job[J.KEY]))
    gather('ZADD', 'barq:jobs', seq, id)
    if job[J.UNCERTAIN] then
        call('HSET', record_of(id), 'uncertain', 1)
    end
    wake(queue)
    if job[J.AFTER] then
        flush() -- it may wait for one of these
        for _, other in ipairs(job[J.AFTER]) do
            current(other)
        end
        due = block(queue, id, {[SEQ] = seq}, due, job[J.AFTER], job[J.AFTER_FAILED])
        if not due then
            return
        end
    end
    local member = plain and plain_member_of(seq, id) or member_of(seq, id)
    gather('ZADD', queue, due, id)
    gather('ZADD', 'barq:known:' .. queue, due, id)
    if due > now then
        gather('ZADD', 'barq:deferred:' .. queue, due, member)
    else
        gather('ZADD', 'barq:ready:' .. queue, due - (job[J.PRIORITY] or 0) * STEP_MS, member)
    end
end

-- A digit for each: 1 when it was refused.
local function add_jobs(jobs)
    if #jobs == 0 then
        return ''
    end
    local refused, seen = {}, {}
    local seq = call('INCRBY', 'barq:seq', #jobs) - #jobs
    local any, rows = find_taken(jobs)
    for i, job in ipairs(jobs) do
        local id = job[J.ID]
        if seen[id] or ((any or rows[i]) and not make_room(id)) then
            refused[i] = '1'
        else
            add_job(job, seq + i)
            refused[i] = '0'
        end
        seen[id] = true
    end
    flush()
    return table.concat(refused)
end
