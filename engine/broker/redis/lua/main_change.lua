-- What people change: {db, what, id or queue, ...}. "ok", "notfound" or "conflict".

local function holder_of(id)
    for _, other in ipairs(call('ZRANGE', 'barq:workers', 0, -1)) do
        if call('HEXISTS', 'barq:running:' .. other, id) == 1 then
            return other
        end
    end
    return call('EXISTS', 'arq:in-progress:' .. id) == 1
end

local function abort(id)
    local job = current(id)
    if not job[SEQ] or job[FINISHED] then
        return 'notfound'
    end
    local queue = job[QUEUE]
    call('ZADD', 'arq:abort', math.max(now, tonumber(job[ET] or 0)), id)
    wake(queue)
    if not holder_of(id) then
        local due = tonumber(call('ZSCORE', queue, id) or now)
        if job[WAITS] then
            due = tonumber(call('ZSCORE', 'barq:blocked:' .. queue, member_of(job[SEQ], id)) or now)
            call('HDEL', record_of(id), 'waits')
        end
        unplace(id, job)
        schedule(queue, id, math.min(due, now))
        wait(queue, id, job, math.min(due, now))
    end
    return 'ok'
end

local function remove(id)
    local job = current(id)
    if not job[SEQ] then
        return call('DEL', 'arq:result:' .. id) == 1 and 'ok' or 'notfound'
    end
    if not job[FINISHED] and holder_of(id) then
        return 'conflict'
    end
    if not job[FINISHED] then
        unplace(id, job)
        if call('HEXISTS', 'barq:waited', id) == 1 then
            ended(id, 'deleted')
            tell_ended() -- of very many, the others are told by the workers
        end
        call('ZREM', job[QUEUE], id)
        call('ZREM', 'arq:abort', id)
    end
    call('DEL', 'arq:job:' .. id, 'arq:retry:' .. id, 'arq:result:' .. id)
    forget(id, job)
    return 'ok'
end

local function revive(new)
    local id = new[J.ID]
    local dead = current(id)
    if not dead[FAILED] then
        return 'notfound'
    end
    call('DEL', 'arq:result:' .. id)
    forget(id, dead)
    add_jobs({new})
    return 'ok'
end

local function pause(queue, paused)
    call('HSET', 'barq:queues', queue, paused and 1 or 0)
    if not paused then
        wake(queue)
    end
    return 'ok'
end

local DO = {abort = abort, remove = remove, revive = revive, pause = pause}

local function change()
    if request.what ~= 'revive' then
        go_on_when_full()
    end
    local said = DO[request.what](request.subject, request.paused)
    ring()
    return said
end

return guarded(change)
