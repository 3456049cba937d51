-- Turns a record of PostgreSQL's log into an ECS document. components/logs/document.ts generates the two tables of fields.
--
-- Two rules hold for all code here. A document depends only on the line and its position, so a line that is read twice
-- has the same id both times. The time for a line is proportional to its length: each pattern is anchored or looks only
-- at the first `head` bytes, and no pattern retries at every start of a run.
local find, format, gsub, lower, match, sub =
  string.find, string.format, string.gsub, string.lower, string.match, string.sub
local floor, huge, min = math.floor, math.huge, math.min
local namespace = os.getenv("POD_NAMESPACE")
local own_pod, own_uid, own_node = os.getenv("POD_NAME"), os.getenv("POD_UID"), os.getenv("NODE_NAME")
local positions = os.getenv("POSITIONS")
local head = 1024
local map = { type = 2 } -- tells Fluent Bit that a table is a map, even an empty one

-- Records the position of each record for the log keeper: one file per log file, in a directory that both mount. A write
-- is in the page cache when it returns, so it survives any end of this process.
local marks, open_marks = {}, 0

local function mark(name, offset)
  local file = marks[name]
  if file == nil then
    if open_marks == 64 then
      for _, other in pairs(marks) do
        if other then other:close() end
      end
      marks, open_marks = {}, 0
    end
    local place = positions .. "/" .. name
    file = io.open(place, "r+") or io.open(place, "w") or false
    if file then file:setvbuf("no") end
    marks[name], open_marks = file, open_marks + 1
  end
  if file then
    file:seek("set")
    file:write(format("%15d", offset))
  end
end

local path, name, pod, uid, node = false, nil, nil, nil, nil -- of the current record

-- A file may belong to an earlier Pod: unread lines stay on the volume.
local function at(r)
  if r._path ~= path then
    path = r._path
    name = match(path or "", "[^/]*$")
    pod = match(name, "_%d%d%d%d%d%d%-(.+)%.%a+$") or own_pod
    uid, node = nil, nil
    if pod == own_pod then uid, node = own_uid, own_node end
  end
  if positions and r._offset then mark(name, r._offset) end
end

-- nil for 0, which means none in jsonlog
local function assigned(number)
  if number ~= 0 and number ~= "0" then return number end
end

local function id(session, line)
  return pod .. ":" .. session .. ":" .. line
end

-- "2026-01-31 12:00:00 UTC" (log_timezone is UTC) as ISO 8601
local function iso8601(time)
  if time then return sub(time, 1, 10) .. "T" .. sub(time, 12, 19) .. "Z" end
end

-- SQLSTATE classes 00 to 02 are success, warning and no data
local function event_type(sqlstate)
  if sqlstate == nil or match(sqlstate, "^0[0-2]") then return "info" end
  return "error"
end

local function location(r)
  if r.file_name then
    return (r.func_name or "?") .. ", " .. r.file_name .. ":" .. (r.file_line_num or "?")
  end
end

local steps = { statement = true, parse = true, bind = true, execute = true, fastpath = true }

-- "duration: 12.345 ms  execute <unnamed>: select ..." as nanoseconds, step and query
local function timing(message)
  local _, stop, ms = find(message, "^duration: ([%d.]+) ms%s*")
  if stop == nil then return nil end
  local duration = floor((tonumber(ms) or 0) * 1000000 + 0.5)
  if duration > 9e18 then return nil end -- not from PostgreSQL, and too large for Elasticsearch
  local step = match(message, "^%l+", stop + 1)
  if not steps[step] then return duration end
  local _, colon = find(message, ": ", stop + #step, true)
  if colon == nil then return duration end
  return duration, step, sub(message, colon + 1)
end

-- Returns a statement without its values, which groups statements that differ only in them. Where PostgreSQL gives a
-- query_id, that does the same, and nothing is made.
local function without_values(r, query)
  if query == nil or assigned(r.query_id_text) then return nil end
  local stop = head
  -- A character of UTF-8 has up to three bytes that continue it: do not cut there.
  while stop > head - 3 and match(query, "^[\128-\191]", stop + 1) do stop = stop - 1 end
  local text = gsub(sub(query, 1, stop), "'[^']*'", "?")
  text = gsub(text, "([^%w_$])%d[%d.]*", "%1?")
  text = gsub(gsub(text, "%s+", " "), "%?[%s,?]*%?", "?")
  return text
end

-- True if Elasticsearch accepts each value and the record has an id. Fluent Bit sends no id if it contains a control
-- character.
local function is_whole(r)
  if type(r.session_id) ~= "string" or not match(r.session_id, "^%x+%.%x+$") then return false end
  if type(r.line_num) ~= "number" or r.line_num % 1 ~= 0 then return false end
  for _, value in pairs(r) do
    local kind = type(value)
    if kind == "number" then
      if value ~= value or value == huge or value == -huge then return false end
    elseif kind ~= "string" then
      return false
    end
  end
  return true
end

-- passwords.lua

local function jsonlog(r)
  hide_passwords(r)
  local message = r.message or ""
  local duration, step, query = timing(message)
  return setmetatable({
    -- fields of a jsonlog line
  }, map)
end

-- "2026-01-31 12:00:00.000 UTC [1] LOG:  text": log_line_prefix and the level
local prefix = "^%d+%-%d+%-%d+ [%d:.]+ %u+ %[%d+%] (%u+):  "

local function plain(r)
  local given = r.log or r.message
  local text = type(given) == "string" and given or "a damaged line of jsonlog"
  local start = sub(text, 1, head)
  local session, line = match(start, '"session_id":"(%x+%.%x+)","line_num":(%d+),')
  local level = match(start, prefix) or match(start, '"error_severity":"(%u+)"')
  local lost_lines, lost_bytes, lost_file = match(start, "pglog lost (%d+) lines, (%d+) bytes, of ([^%s:]+)")
  local event_id
  if session then
    event_id = id(session, line)
  else
    event_id = id("plain", name .. ":" .. (r._offset or ""))
  end
  if not pcall(hide_passwords, r) then
    text = "a line that may contain a password and cannot be read"
  elseif text == given then
    text = r.log or r.message
  end
  return setmetatable({
    -- fields of any other line
  }, map)
end

function document(tag, timestamp, r)
  at(r)
  if tag == "postgresql.jsonlog" and is_whole(r) then
    local worked, made = pcall(jsonlog, r)
    if worked then return 2, timestamp, made end
  end
  return 2, timestamp, plain(r)
end
