-- {db, jobs}: enqueues all of them.
local function enqueue()
    local refused = add_jobs(request.jobs)
    ring()
    return refused
end

return guarded(enqueue)
