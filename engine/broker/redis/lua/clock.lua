-- clock.lua - what every script begins with. The clock is the server's, in ms.
local call = redis.call
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now_text = string.format('%d', now)
-- The same in what is said of a running job, which so is longer than 64 bytes: of shorter ones Redis makes no table up to
-- 512, but a list, and looks through it for each.
local since_text = string.format('%060d', now)
