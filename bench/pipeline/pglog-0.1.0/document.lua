-- A line of PostgreSQL's log as an ECS document. Generated from components/logDocument.ts.
local pod = os.getenv("POD_NAME")
local pod_uid = os.getenv("POD_UID")
local namespace = os.getenv("POD_NAMESPACE")
local node = os.getenv("NODE_NAME")
local match, floor = string.match, math.floor

-- nil for an object without a member: an empty Lua table would be sent as an empty array
local function group(members)
  if next(members) ~= nil then return members end
end

-- nil for the 0 by which jsonlog says that there is none
local function assigned(number)
  if number ~= 0 and number ~= "0" then return number end
end

-- the same for the same line, whoever reads it and however often
local function id(session, line)
  return pod .. ":" .. session .. ":" .. line
end

-- tells two lines at one offset of a reused file apart
local function hash(text)
  local h = 5381
  for i = 1, #text do h = (h * 33 + text:byte(i)) % 4294967296 end
  return h
end

-- "2026-01-31 12:00:00 UTC" (log_timezone is UTC) as ISO 8601
local function iso8601(time)
  if time then return time:sub(1, 10) .. "T" .. time:sub(12, 19) .. "Z" end
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
  local ms, rest = match(message or "", "^duration: ([%d.]+) ms%s*(.*)$")
  if ms == nil then return nil end
  local step, query = match(rest, "^(%a+)[^:]*: (.*)$")
  if not steps[step] then step, query = nil, nil end
  return floor(tonumber(ms) * 1000000 + 0.5), step, query
end

function jsonlog_document(tag, timestamp, r)
  if r.session_id == nil or r.line_num == nil then -- cut off or damaged
    return plain_document(tag, timestamp, r)
  end
  local duration, step, query = timing(r.message)
  return 2, timestamp, {
    message = r.message,
    ecs = group({
      version = "8.11.0",
    }),
    log = group({
      level = r.error_severity,
    }),
    event = group({
      id = id(r.session_id, r.line_num),
      kind = "event",
      category = "database",
      module = "postgresql",
      dataset = "postgresql.log",
      type = event_type(r.state_code),
      code = r.state_code,
      duration = duration,
    }),
    service = group({
      type = "postgresql",
    }),
    process = group({
      pid = r.pid,
    }),
    user = group({
      name = r.user,
    }),
    client = group({
      address = r.remote_host,
      port = r.remote_port,
    }),
    kubernetes = group({
      namespace = namespace,
      node = group({
        name = node,
      }),
      pod = group({
        name = pod,
        uid = pod_uid,
      }),
    }),
    postgresql = group({
      log = group({
        database = r.dbname,
        session_id = r.session_id,
        session_line_number = r.line_num,
        session_start_time = iso8601(r.session_start),
        command_tag = r.ps,
        application_name = r.application_name,
        backend_type = r.backend_type,
        leader_pid = r.leader_pid,
        virtual_transaction_id = r.vxid,
        transaction_id = assigned(r.txid),
        sql_state_code = r.state_code,
        query_id = assigned(r.query_id),
        query = query or r.statement,
        query_step = step,
        query_pos = r.cursor_position,
        internal_query = r.internal_query,
        internal_query_pos = r.internal_position,
        detail = r.detail,
        hint = r.hint,
        context = r.context,
        location = location(r),
      }),
    }),
  }
end

function plain_document(tag, timestamp, r)
  local text = r.log or r.message or ""
  local level = match(text, "(%u+):  ") or match(text, '"error_severity":"(%u+)"')
  local session, line = match(text, '"session_id":"(%x+%.%x+)","line_num":(%d+)')
  local plain_id = session and id(session, line) or id("plain", (r._path or "") .. ":" .. (r._offset or "") .. ":" .. hash(text))
  return 2, timestamp, {
    message = text,
    ecs = group({
      version = "8.11.0",
    }),
    log = group({
      level = level,
      file = group({
        path = r._path,
      }),
      offset = r._offset,
    }),
    event = group({
      id = plain_id,
      kind = "event",
      category = "database",
      module = "postgresql",
      dataset = "postgresql.log",
      type = "info",
    }),
    service = group({
      type = "postgresql",
    }),
    kubernetes = group({
      namespace = namespace,
      node = group({
        name = node,
      }),
      pod = group({
        name = pod,
        uid = pod_uid,
      }),
    }),
    postgresql = group({
      log = group({
        session_id = session,
        session_line_number = tonumber(line),
      }),
    }),
    tags = { "postgresql_plain_text" },
  }
end
