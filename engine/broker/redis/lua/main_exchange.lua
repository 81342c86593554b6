-- One exchange of a worker: all of it, in this order.
local ADOPT_MIN = 100

local function is_held(probe)
    local queue, id, et = probe[1], probe[2], probe[3]
    local job = read(id)
    if job[SEQ] and job[ET] then
        return job[QUEUE] == queue and not job[FINISHED] and tonumber(job[ET]) == et
    end
    return call('ZSCORE', queue, id) ~= false
end

local function probe_all(probes)
    local held = {}
    for i, probe in ipairs(probes) do
        held[i] = is_held(probe) and '1' or '0'
    end
    return table.concat(held)
end

local function running_of_these(ids)
    local found = {}
    local runs = #ids > 0 and many('HMGET', 'barq:running:' .. worker.token, ids) or {}
    for i, id in ipairs(ids) do
        if runs[i] and is_aborted(id, read(id)) then
            found[#found + 1] = id
        end
    end
    return found
end

-- As the others are told.
local function completes_of(groups)
    local all = {}
    for _, group in ipairs(groups) do
        for i, id in ipairs(group[3]) do
            all[#all + 1] = {COMPLETE, id, group[1], group[4][i], group[2]}
        end
    end
    return all
end

-- Those that are complete, by few commands if all of them are plain. A digit for each, and how many they are.
local function complete_all()
    local all = completes_of(plain.completes)
    if #all == 0 or not plain.new_enough or call('EXISTS', 'arq:abort', 'barq:waited') > 0 then
        return settle_all(all), #all
    end
    if not plain.completes_asked then
        plain.completes_fit = plain.may_complete()
    end
    if not plain.completes_fit then
        return settle_all(all), #all
    end
    plain.complete()
    return string.rep('0', #all), #all
end

-- Of queues without limits, lost jobs or a pause.
local function may_claim_plainly()
    if not plain.new_enough or call('EXISTS', 'arq:abort') > 0 then
        return false
    end
    for _, share in ipairs(plain.shares) do
        if is_limited(share[1]) or is_paused(share[1]) or call('EXISTS', 'barq:lost:' .. share[1]) > 0 then
            return false
        end
    end
    if not plain.claims_asked then
        plain.claims_fit = plain.may_claim()
    end
    return plain.claims_fit
end

-- By few commands those that are plain; then the others.
local function claim_whole()
    if may_claim_plainly() then
        local claims, claim = plain.claim()
        plain.claims = claims
        number = claim ~= 0 and claim or nil
        bytes_left = plain.bytes
        request.claim_max = request.claim_max - plain.count
        for _, share in ipairs(request.shares) do
            share[2] = math.max(share[2] - plain.taken_of(share[1]), 0)
        end
    end
    if request.claim_max > 0 then
        claim_all()
    end
end

local function exchange()
    go_on_when_full()
    if request.fresh then
        note_server()
    end
    local lost = keep_lease(request.renew)
    reap(request.dead)
    if request.held then
        release_unknown(request.held)
    end
    for _, said in ipairs(request.reports) do
        report(said)
    end
    local stale, completes = complete_all()
    stale = stale .. settle_all(request.settles)
    more = tell_ended()
    local ticks = {}
    for i, t in ipairs(request.ticks) do
        ticks[i] = tick(t)
    end
    local refused = add_jobs(request.jobs)
    local held = probe_all(request.probes)
    if request.state then
        tell_state(request.state)
    end
    if request.health then
        tell_health(request.health)
    end
    local aborts = {}
    if request.leave then
        leave()
    else
        aborts = running_of_these(heed_wishes(request.queues))
        for _, queue in ipairs(request.queues) do
            reconcile(queue, ADOPT_MIN + request.claim_max)
            promote(queue, ADOPT_MIN + request.claim_max)
        end
        if request.claim_max > 0 then
            claim_whole()
        end
    end
    local due, unfinished = more and 0 or nil, 0
    for _, queue in ipairs(request.queues) do
        prune(queue, completes + #request.settles)
        if not is_paused(queue) then
            local at = next_due(queue)
            if call('ZCARD', queue) ~= call('ZCARD', 'barq:known:' .. queue) then
                at = 0
            end
            due = at and math.min(at, due or at) or due
        end
        if request.count then
            unfinished = unfinished + count_unfinished(queue)
        end
    end
    ring()
    return {lost and 1 or 0, stale, ticks, refused, held, aborts, claimed, due or -1, unfinished,
        request.look and neighbours() or {}, number or 0, plain.claims or {}}
end

return guarded(fine and exchange or function()
    error(answer)
end)
