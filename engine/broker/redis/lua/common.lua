-- common.lua - what all scripts need: the request, one MessagePack value, the names of keys, the fields of a job. Keys are
-- made from ids and queues' names, so that none is declared: this is not for a cluster. docs/formats/redis-queue.md.
local request = cmsgpack.unpack(ARGV[1])

local NEVER = 9007199254740991 -- the due time of a job that waits for others
local STEP_MS = 60000          -- BARQ_PRIORITY_STEP_MS
local TRIES_KEEP_S = 88400     -- arq's

-- What is kept of a job. What never changes is its row in the hash barq:rows, whose parts are separated by tabs:
--
--     number  queue  enqueue time  function  expires at  priority  key  [finished at]
--
-- When it finished is said there of one that is dead, or whose result is kept for ever; of any other that is complete
-- barq:finished:Q has until when it is kept, and barq:times:Q has "finished at \t kept until" by that. What comes about is its record, the hash barq:job:<id>; most jobs never have one. read() gives all of it, in this
-- order; what is not there is false.
local ROW_PARTS = 8
local FIELDS = {'seq', 'queue', 'et', 'function', 'expires', 'priority', 'key', 'finished', 'before', 'uncertain',
    'alone', 'tries', 'losses', 'crashes', 'refusal', 'waits', 'after_failed', 'failed', 'held'}
local SEQ, QUEUE, ET, FUNCTION, EXPIRES, PRIORITY, KEY, FINISHED, BEFORE, UNCERTAIN, ALONE, TRIES, LOSSES, CRASHES,
    REFUSAL, WAITS, AFTER_FAILED, FAILED, HELD = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19

local function record_of(id)
    return 'barq:job:' .. id
end

-- What somebody has put in the place of a record goes, or nobody would get past it.
local function write(id, ...)
    local said = redis.pcall('HSET', record_of(id), ...)
    if type(said) == 'table' then
        call('DEL', record_of(id))
        call('HSET', record_of(id), ...)
    end
end

-- Of arq's keys, which others write: what is no string is as good as not there.
local function text_of(key)
    return call('MGET', key)[1]
end

-- Where memory is full, a script that has written something may go on, so that jobs can be worked off: what a worker does
-- frees more than it takes. Nothing has this name.
local function go_on_when_full()
    call('DEL', 'barq:nothing')
end

-- Of one whose row does not say it; false: it is unfinished.
local function finished_at(queue, id)
    local till = call('ZSCORE', 'barq:finished:' .. queue, id)
    if not till or call('ZSCORE', 'barq:known:' .. queue, id) then
        return false
    end
    local time = call('ZRANGEBYSCORE', 'barq:times:' .. queue, till, till, 'LIMIT', 0, 1)[1]
    return time and string.match(time, '^%d+') or now_text
end

local function read(id)
    local job = {}
    local row = call('HGET', 'barq:rows', id)
    local i = 1
    for part in string.gmatch((row or '') .. '\t', '([^\t]*)\t') do
        job[i] = part ~= '' and part
        i = i + 1
    end
    for part = i, ROW_PARTS do
        job[part] = false
    end
    if job[QUEUE] and not job[FINISHED] then
        job[FINISHED] = finished_at(job[QUEUE], id)
    end
    local record = redis.pcall('HMGET', record_of(id), unpack(FIELDS, ROW_PARTS + 1))
    if record.err then
        call('DEL', record_of(id))
        record = call('HMGET', record_of(id), unpack(FIELDS, ROW_PARTS + 1))
    end
    for part = 1, #record do
        job[ROW_PARTS + part] = record[part]
    end
    return job
end

local function row_of(seq, queue, et, name, expires, priority, key)
    return seq .. '\t' .. queue .. '\t' .. (et or '') .. '\t' .. (name or '') .. '\t' .. (expires or '') .. '\t'
        .. (priority or '') .. '\t' .. (key or '')
end

-- Who works on a queue is woken at the end, and who waits for results.
local woken = {}
local told = false

local function wake(queue)
    woken[queue] = true
end

local function ring()
    for queue in pairs(woken) do
        call('PUBLISH', 'barq:wake:' .. request.db .. ':' .. queue, '')
    end
    if told then
        call('PUBLISH', 'barq:done:' .. request.db, '')
    end
end

-- Many members or keys of one command are gathered, since a call costs more than a member does. What was
-- gathered is done by flush(): removals first.
local gathered = {ZREM = {}, HDEL = {}, ZADD = {}, HSET = {}}
local doomed, made = {}, {}
local doomed_count = 0
local CHUNK = 2000

local function issue(command, key, words)
    local count = #words
    for first = 1, count, CHUNK do
        call(command, key, unpack(words, first, math.min(first + CHUNK - 1, count)))
    end
end

local function gather(command, key, first, second)
    local words = gathered[command][key]
    if not words then
        words = {count = 0}
        gathered[command][key] = words
    end
    local count = words.count + 1
    words[count] = first
    if second then
        count = count + 1
        words[count] = second
    end
    words.count = count
end

local function flush()
    for first = 1, #doomed, CHUNK do
        call('DEL', unpack(doomed, first, math.min(first + CHUNK - 1, #doomed)))
    end
    for first = 1, #made, CHUNK do
        call('MSET', unpack(made, first, math.min(first + CHUNK - 1, #made)))
    end
    doomed, made, doomed_count = {}, {}, 0
    for _, command in ipairs({'ZREM', 'HDEL', 'ZADD', 'HSET'}) do
        for key, words in pairs(gathered[command]) do
            issue(command, key, words)
        end
        gathered[command] = {}
    end
end

local function doom(key)
    doomed_count = doomed_count + 1
    doomed[doomed_count] = key
end

-- Sets a key.
local function make(key, value)
    made[#made + 1] = key
    made[#made + 1] = value
end

-- Values of many keys or fields, in a table with their number, since a nil would end it.
local function many(command, first, keys)
    if #keys <= CHUNK and #keys > 0 then
        return first and call(command, first, unpack(keys)) or call(command, unpack(keys))
    end
    local values = {}
    for from = 1, #keys, CHUNK do
        local part
        if first then
            part = call(command, first, unpack(keys, from, math.min(from + CHUNK - 1, #keys)))
        else
            part = call(command, unpack(keys, from, math.min(from + CHUNK - 1, #keys)))
        end
        for i = 1, #part do
            values[from + i - 1] = part[i]
        end
    end
    return values
end

local function is_paused(queue)
    return call('HGET', 'barq:queues', queue) == '1'
end
