-- A worker comes: its lease, and the limits of its functions on its queues. {when it began, its neighbours}
local function rules_text()
    local all = {}
    for _, queue in ipairs(request.queues) do
        local said = call('HGETALL', 'barq:limits:' .. queue)
        for i = 1, #said, 2 do
            local names = {string.match(said[i + 1], '^([^\n]*)\n([^\n]*)$')}
            local a = call('HMGET', 'barq:limit:a:' .. names[1], 'running', 'starts', 'per')
            local k = call('HMGET', 'barq:limit:k:' .. names[2], 'running', 'starts', 'per')
            all[#all + 1] = table.concat({queue, said[i], names[1], names[2], cjson.encode(a), cjson.encode(k)}, '\n')
        end
    end
    table.sort(all)
    return table.concat(all, '\n')
end

local function join()
    go_on_when_full()
    note_server()
    take_lease()
    reap(request.dead)
    local before = rules_text()
    for _, queue in ipairs(request.queues) do
        know_queue(queue)
        set_rules(queue, request.rules)
    end
    if rules_text() ~= before then
        for _, queue in ipairs(call('HKEYS', 'barq:queues')) do
            let_all_go(queue)
        end
    end
    ring()
    return {worker.started or now, neighbours()}
end

return guarded(join)
