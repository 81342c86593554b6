-- What people ask: {db, what, ...}.
local TELL = {'history', 'done', 'total', 'note', 'progress_at', 'payload', 'log'}

-- By whom it is run: the worker's name and since when; for an arq worker both are "".
local function runner_of(id)
    for _, other in ipairs(call('ZRANGE', 'barq:workers', 0, -1)) do
        local text = call('HGET', 'barq:running:' .. other, id)
        if text then
            return call('HGET', 'barq:worker:' .. other, 'name') or '', running_of(text).at
        end
    end
    if call('EXISTS', 'arq:in-progress:' .. id) == 1 then
        return '', ''
    end
end

-- {status, id, queue, due, payload, size, result, worker, claimed_at, tries, record, told}; nil: not there.
local function look(id, with_log)
    local job = current(id)
    local told_of = call('HMGET', record_of(id), unpack(TELL, 1, with_log and #TELL or #TELL - 1))
    local result = text_of('arq:result:' .. id)
    local queue = job[QUEUE]
    local due = queue and call('ZSCORE', queue, id)
    local status, worker_name, at
    local payload = told_of[6] or text_of('arq:job:' .. id)
    told_of[6] = false
    if job[FINISHED] then
        status = job[FAILED] and 'failed' or 'complete'
        if status == 'complete' and not result then
            return nil
        end
    elseif due then
        worker_name, at = runner_of(id)
        if job[WAITS] then
            due = call('ZSCORE', 'barq:blocked:' .. queue, member_of(job[SEQ], id)) or due
        end
        status = worker_name and 'running' or ((job[WAITS] or tonumber(due) > now) and 'deferred' or 'queued')
    elseif result then
        status = 'foreign'
    else
        return nil
    end
    if status == 'complete' then
        payload = false
    end
    local size = payload and #payload or 0
    if size > request.payload_max then
        payload = false
    end
    return {status, id, queue or '', due or '', payload, result, worker_name or false, at or '',
        text_of('arq:retry:' .. id), job, told_of}
end

local function find()
    return look(request.id, true) or false
end

local function fits(found)
    local status = request.status
    return (not request.queue or found[3] == request.queue)
        and (not status or status == found[1] or (found[1] == 'foreign' and (status == 'complete' or status == 'failed')))
end

-- A page that is being filled; add() is false when there is no room.
local page, bytes = {}, 0

local function add(found, where)
    local size = (found[5] and #found[5] or 0) + (found[6] and #found[6] or 0)
    if #page == request.limit or (#page > 0 and bytes + size > request.bytes) then
        return false
    end
    bytes = bytes + size
    found[12] = where
    page[#page + 1] = found
    return true
end

-- Results of which there is nothing but the key: of jobs that arq workers ran. `scan` is a cursor of SCAN, and, of what
-- that gives, the last id that was told.
local RESULT = 'arq:result:'

local function list_foreign()
    local cursor, last = string.match(request.scan, '^(%d+):?(.*)$')
    local got = call('SCAN', cursor, 'MATCH', RESULT .. '*', 'COUNT', request.count)
    local ids = {}
    for _, key in ipairs(got[2]) do
        local id = string.sub(key, #RESULT + 1)
        if id > last and call('HEXISTS', 'barq:rows', id) == 0 then
            ids[#ids + 1] = id
        end
    end
    table.sort(ids)
    for _, id in ipairs(ids) do
        local found = look(id, false)
        local where = cursor .. ':' .. id
        if found and found[1] == 'foreign' and not add(found, where) then
            return {cursor .. ':' .. last, 0, page}
        end
        last = id
    end
    return {got[1], got[1] == '0' and 1 or 0, page}
end

-- {last, done, jobs}: a page from the job behind number `after` on; `last` is the number of the last looked at.
local function list()
    local after, last = request.after, request.after
    if request.scan then
        return list_foreign()
    end
    for _, queue in ipairs(all_queues()) do
        reconcile(queue, request.adopt)
    end
    local ids = call('ZRANGEBYSCORE', 'barq:jobs', '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, request.count)
    for i = 1, #ids, 2 do
        local found = look(ids[i], false)
        if found and fits(found) and not add(found, ids[i + 1]) then
            return {last, 0, page}
        end
        last = ids[i + 1]
    end
    return {last, #ids < 2 * request.count and 1 or 0, page}
end

local function stats()
    local all = {}
    local paused = call('HGETALL', 'barq:queues')
    for i = 1, #paused, 2 do
        local queue = paused[i]
        local running = count_running(queue)
        local due = call('ZCOUNT', queue, '-inf', now)
        all[#all + 1] = {queue, math.max(due - running, 0), call('ZCARD', queue) - due, running,
            call('ZCOUNT', 'barq:finished:' .. queue, '(' .. string.format('%d', now), '+inf'),
            call('ZCOUNT', 'barq:dead:' .. queue, '(' .. string.format('%d', now), '+inf'), count_held(queue),
            paused[i + 1]}
    end
    return all
end

local function workers()
    local all = {}
    local there = call('ZRANGEBYSCORE', 'barq:workers', '(' .. string.format('%d', now), '+inf', 'WITHSCORES')
    for i = 1, #there, 2 do
        all[#all + 1] = {there[i + 1], call('HMGET', 'barq:worker:' .. there[i], 'name', 'queues', 'started', 'seen',
            'executors', 'threads', 'running', 'complete', 'failed', 'retried', 'tally')}
    end
    table.sort(all, function(a, b)
        return tonumber(a[2][3]) < tonumber(b[2][3])
    end)
    return all
end

local function crons()
    local all = {}
    for _, name in ipairs(call('ZRANGE', 'barq:crons', 0, -1)) do
        local queue, cron = string.match(name, '^([^\t]*)\t(.*)$')
        all[#all + 1] = {queue, cron,
            call('HMGET', 'barq:cron:' .. name, 'function', 'schedule', 'zone', 'last', 'next')}
    end
    table.sort(all, function(a, b)
        return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
    end)
    return all
end

local DO = {find = find, list = list, stats = stats, workers = workers, crons = crons,
    limits = list_limits}

local function answer()
    local said = DO[request.what]()
    ring()
    return said
end

return guarded(answer)
