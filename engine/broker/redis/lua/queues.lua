-- queues.lua - the queues that barq has heard of, and arq's own; and who has an id in them.
local function all_queues()
    local queues = call('HKEYS', 'barq:queues')
    if call('HEXISTS', 'barq:queues', 'arq:queue') == 0 then
        queues[#queues + 1] = 'arq:queue'
    end
    return queues
end

-- What is known of the job that has the id now: one of an arq client, which may have used the id of a finished one
-- again, is adopted if nobody has yet.
local function current(id)
    local job = read(id)
    if job[SEQ] and (not job[FINISHED] or call('EXISTS', 'arq:job:' .. id) == 0) then
        return job
    end
    for _, queue in ipairs(all_queues()) do
        local due = call('ZSCORE', queue, id)
        if due then
            adopt(queue, id, tonumber(due))
            return read(id)
        end
    end
    return job
end
