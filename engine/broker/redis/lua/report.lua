-- report.lua - how running jobs are doing: {id, claim, progress, log}, where progress is {done, total, note} or false.

-- Whole lines from the first that leaves it within the limit; of one longer line its end, from a whole character on.
local function cut_log(log)
    local max = request.log_max
    if #log <= max then
        return log
    end
    local from = #log - max + 1
    if string.sub(log, from - 1, from - 1) ~= '\n' then
        local line = string.find(log, '\n', from, true)
        if line and line < #log then
            from = line + 1
        else
            while string.byte(log, from) and string.byte(log, from) >= 128 and string.byte(log, from) < 192 do
                from = from + 1
            end
        end
    end
    return string.sub(log, from)
end

local function report(said)
    local id, claim, progress, log = said[1], said[2], said[3], said[4]
    local text = call('HGET', 'barq:running:' .. worker.token, id)
    local run = text and running_of(text)
    if not run or run.claim ~= claim then
        return
    end
    local key = record_of(id)
    if not string.find(run.has, 'r', 1, true) then
        local head, rest = string.match(text, '^(%d+\n%d+\n[^\n]*\n)(.*)$')
        call('HSET', 'barq:running:' .. worker.token, id, head .. 'r' .. rest)
    end
    if progress then
        write(id, 'done', progress[1])
        call('HSET', key, 'done', progress[1], 'total', progress[2], 'note', progress[3], 'progress_at', now)
        told = true
    end
    if log then
        call('HSET', key, 'log', cut_log((call('HGET', key, 'log') or '') .. log))
    end
end
