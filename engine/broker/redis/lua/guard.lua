-- guard.lua - runs all of a script. Where a key is of another type than barq's or arq's are, it is named, which
-- Redis does not do.
-- Which key is; nil: none that a script knows by its name.
local function culprit()
    local KINDS = {['barq:queues'] = 'hash', ['barq:workers'] = 'zset', ['barq:jobs'] = 'zset', ['barq:rows'] = 'hash', ['barq:seq'] = 'string',
        ['barq:claims'] = 'string', ['barq:server'] = 'string', ['barq:doubted'] = 'string', ['barq:ends'] = 'string',
        ['barq:ended'] = 'list', ['barq:waited'] = 'hash', ['barq:crons'] = 'zset', ['arq:abort'] = 'zset'}
    local OF_QUEUE = {['barq:known:'] = 'zset', ['barq:ready:'] = 'zset', ['barq:lost:'] = 'zset',
        ['barq:deferred:'] = 'zset', ['barq:blocked:'] = 'zset', ['barq:finished:'] = 'zset', ['barq:dead:'] = 'zset', ['barq:times:'] = 'zset',
        ['barq:slots:'] = 'zset', ['barq:limits:'] = 'hash', ['barq:serving:'] = 'set'}
    local OF_WORKER = {['barq:worker:'] = 'hash', ['barq:running:'] = 'hash'}

    local function misfit(key, kind)
        local is = call('TYPE', key).ok
        if is ~= 'none' and is ~= kind then
            return key .. ' is a ' .. is .. ', and not a ' .. kind
        end
    end

    local function misfits(prefixes, name)
        for prefix, kind in pairs(prefixes) do
            local said = misfit(prefix .. name, kind)
            if said then
                return said
            end
        end
    end

    local function queues_asked_for()
        local queues = request.queues or {}
        for _, job in ipairs(request.jobs or {}) do
            queues[#queues + 1] = job[2]
        end
        if call('TYPE', 'barq:queues').ok == 'hash' then
            for _, queue in ipairs(call('HKEYS', 'barq:queues')) do
                queues[#queues + 1] = queue
            end
        end
        return queues
    end

    local function find()
        for key, kind in pairs(KINDS) do
            local said = misfit(key, kind)
            if said then
                return said
            end
        end
        for _, queue in ipairs(queues_asked_for()) do
            local said = misfit(queue, 'zset') or misfits(OF_QUEUE, queue)
            if said then
                return said
            end
        end
        return request.worker and misfits(OF_WORKER, request.worker.token)
    end

    return find()
end

local function guarded(run)
    local fine, said = pcall(run)
    if fine then
        return said
    end
    local text = type(said) == 'table' and said.err or tostring(said)
    if string.find(text, 'WRONGTYPE', 1, true) then
        return redis.error_reply('WRONGTYPE ' .. (culprit() or 'a key of a job is of another type'))
    end
    return redis.error_reply(text)
end
