-- {db, jobs}: enqueues all of them.
local refused = add_jobs(request.jobs)
ring()
return refused
