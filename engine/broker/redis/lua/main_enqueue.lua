-- {db, jobs}: enqueues all of them; jobs are false where they are told by columns.
local function jobs_of(all)
    local _, queue, ids, payloads, dues, _, rows = unpack(all)
    local jobs = {}
    for i, id in ipairs(ids) do
        local et, name, expires, priority, key =
            string.match(rows[i], '^\t[^\t]*\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$')
        jobs[i] = {id, queue, payloads[i], tonumber(et), tonumber(dues[i]), tonumber(expires) or false, name,
            key ~= '' and key, tonumber(priority) or false, false, false, false}
    end
    return jobs
end

local function enqueue()
    local refused = add_jobs(request.jobs or jobs_of(columns))
    ring()
    return refused
end

return guarded(plain and enqueue or function()
    error(answer)
end)
