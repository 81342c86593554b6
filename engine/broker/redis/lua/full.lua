-- full.lua - how full limits are, for whoever looks. Which slots there are is known from the jobs that run, and from
-- those that are held; of very many only the first are looked at.
local RUNNING_MAX, SLOTS_MAX = 5000, 2000

-- The keys that jobs of one limit have: name -> key -> how many run.
local function running_keys()
    local keys, left = {}, RUNNING_MAX
    for _, other in ipairs(call('ZRANGE', 'barq:workers', 0, -1)) do
        local running = 'barq:running:' .. other
        local count = call('HLEN', running)
        if count <= left then
            left = left - count
            for _, text in ipairs(call('HVALS', running)) do
                for _, slot in ipairs(running_of(text).slots) do
                    local name, key = string.match(slot, '^k:([^\t]*)\t(.*)$')
                    if name then
                        keys[name] = keys[name] or {}
                        keys[name][key] = (keys[name][key] or 0) + 1
                    end
                end
            end
        end
    end
    return keys
end

-- The same for those of a queue that are held.
local function held_keys(queue)
    local keys = {}
    for _, slot in ipairs(call('ZRANGE', 'barq:slots:' .. queue, 0, SLOTS_MAX - 1)) do
        local name, key = string.match(slot, '^k:([^\t]*)\t(.*)$')
        if name then
            keys[name] = keys[name] or {}
            keys[name][key] = call('ZCARD', 'barq:held:' .. queue .. '\t' .. slot)
        end
    end
    return keys
end

local function row_of_limit(queue, name, limit, limit_name, key)
    return {queue, name, limit_name, key ~= nil and 1 or 0, key or false, limit.running, limit.starts, limit.per, 0, 0}
end

local function add_all(rows, queue, name, limit_name)
    local limit = limit_of('a', limit_name)
    if limit then
        local row = row_of_limit(queue, name, limit, limit_name)
        row[9] = call('SCARD', 'barq:slot:a:' .. limit_name)
        row[10] = call('ZCARD', 'barq:held:' .. queue .. '\ta:' .. limit_name)
        rows[#rows + 1] = row
    end
end

local function fullest_first(a, b)
    if a[10] ~= b[10] then
        return a[10] > b[10]
    end
    if a[9] ~= b[9] then
        return a[9] > b[9]
    end
    return a[5] < b[5]
end

-- The limit of each key, and behind it the keys.
local function add_keys(rows, queue, name, limit_name, running, held)
    local limit = limit_of('k', limit_name)
    if not limit then
        return
    end
    local all, keys = row_of_limit(queue, name, limit, limit_name, false), {}
    for _, from in ipairs({running, held}) do
        for key in pairs(from) do
            if from == running or not running[key] then
                local row = row_of_limit(queue, name, limit, limit_name, key)
                row[9], row[10] = running[key] or 0, held[key] or 0
                all[9], all[10] = all[9] + row[9], all[10] + row[10]
                if row[9] + row[10] > 0 then
                    keys[#keys + 1] = row
                end
            end
        end
    end
    table.sort(keys, fullest_first)
    rows[#rows + 1] = all
    for i = 1, math.min(#keys, request.keys_max) do
        rows[#rows + 1] = keys[i]
    end
end

local function list_limits()
    local rows, running = {}, nil
    local queues = request.queue and {request.queue} or call('HKEYS', 'barq:queues')
    table.sort(queues)
    for _, queue in ipairs(queues) do
        local said, names = call('HGETALL', 'barq:limits:' .. queue), {}
        local held = #said > 0 and held_keys(queue)
        running = running or (#said > 0 and running_keys())
        for i = 1, #said, 2 do
            names[#names + 1] = said[i]
        end
        table.sort(names)
        for _, name in ipairs(names) do
            local rule = rule_of(queue, name)
            add_all(rows, queue, name, rule[1])
            add_keys(rows, queue, name, rule[2], running[rule[2]] or {}, held[rule[2]] or {})
            if #rows >= request.limit then
                return {unpack(rows, 1, request.limit)}
            end
        end
    end
    return rows
end
