-- queues.lua - the queues that barq has heard of, and arq's own.
local function all_queues()
    local queues = call('HKEYS', 'barq:queues')
    if call('HEXISTS', 'barq:queues', 'arq:queue') == 0 then
        queues[#queues + 1] = 'arq:queue'
    end
    return queues
end
