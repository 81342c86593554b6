-- enqueue.lua - a job of barq's clients comes into its queue.
--
-- {id, queue, payload, et, due, expires, function, key, priority, uncertain, after, after_failed}; what is not
-- said is false. No time to live is set: what was accepted stays until it has an outcome.
local J = {ID = 1, QUEUE = 2, PAYLOAD = 3, ET = 4, DUE = 5, EXPIRES = 6, FUNCTION = 7, KEY = 8, PRIORITY = 9,
    UNCERTAIN = 10, AFTER = 11, AFTER_FAILED = 12}

local known_queues = {}

local function know_queue(queue)
    if not known_queues[queue] then
        known_queues[queue] = true
        call('HSETNX', 'barq:queues', queue, 0)
    end
end

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

local function record(job, seq)
    local words = {'queue', job[J.QUEUE], 'seq', seq, 'et', job[J.ET], 'function', job[J.FUNCTION]}
    local function add(name, value)
        if value then
            words[#words + 1] = name
            words[#words + 1] = value
        end
    end
    add('expires', job[J.EXPIRES])
    add('key', job[J.KEY])
    add('priority', job[J.PRIORITY])
    add('uncertain', job[J.UNCERTAIN] and 1)
    call('HSET', record_of(job[J.ID]), unpack(words))
end

-- Its number is the caller's, of `barq:seq`. False: the id is taken.
local function add_job(job, seq)
    local id, queue, due = job[J.ID], job[J.QUEUE], job[J.DUE]
    if call('EXISTS', 'arq:job:' .. id, 'arq:result:' .. id, record_of(id)) > 0 and not make_room(id) then
        return false
    end
    know_queue(queue)
    call('SET', 'arq:job:' .. id, job[J.PAYLOAD])
    record(job, seq)
    gather('ZADD', 'barq:jobs', seq, id)
    wake(queue)
    if job[J.AFTER] then
        due = block(queue, id, {[SEQ] = seq}, due, job[J.AFTER], job[J.AFTER_FAILED])
        if not due then
            return true
        end
    end
    gather('ZADD', queue, due, id)
    gather('ZADD', 'barq:known:' .. queue, due, id)
    if due > now then
        gather('ZADD', 'barq:deferred:' .. queue, due, member_of(seq, id))
    else
        gather('ZADD', 'barq:ready:' .. queue, due - (job[J.PRIORITY] or 0) * STEP_MS, member_of(seq, id))
    end
    return true
end

-- A digit for each: 1 when it was refused.
local function add_jobs(jobs)
    local refused = {}
    local seq = #jobs > 0 and call('INCRBY', 'barq:seq', #jobs) - #jobs or 0
    for i, job in ipairs(jobs) do
        refused[i] = add_job(job, seq + i) and '0' or '1'
    end
    flush()
    return table.concat(refused)
end
