-- Masks passwords in the texts of a record. Part of document.lua.
--
-- It finds where the first password of a text begins, and masks the rest of the text. So it need not know where a password
-- ends, which depends on quotes, comments, escapes and settings. It does not parse SQL: where two readings are possible,
-- it masks.
local masked = "***"

-- Every text that can contain a statement, its parameters or a connection string. `log` is a line that is not jsonlog.
local texts =
  { "message", "statement", "detail", "context", "internal_query", "hint", "application_name", "dbname", "user", "log" }

local slashes = ":/" .. "/"
local role_clauses = {}
for _, verb in ipairs({ "create", "alter" }) do
  for _, object in ipairs({ "role", "user", "group" }) do
    -- A line that is cut off has \n and \t for a new line and a tab.
    role_clauses[#role_clauses + 1] = verb .. "[%s\\nrt]+" .. object .. '[%s\\"/-]'
  end
end

-- False for almost every text, at little cost.
local function may_contain_password(text)
  return #text > 8 and (find(lower(text), "password", 1, true) or find(text, ":/", 1, true)) ~= nil
end

-- True if `CREATE ROLE` or the like is shortly before the position.
local function is_in_role_clause(s, at)
  local before = lower(sub(s, at > 256 and at - 256 or 1, at))
  for _, clause in ipairs(role_clauses) do
    if find(before, clause) then return true end
  end
  return false
end

-- What follows a name that ends before `at`: nil if no value; "parameter", "value", or "word", which is a value in a role
-- clause only. Also the value's position.
local function after_name(s, at)
  if find(s, "^[%w_\128-\255]", at) then return nil end -- a longer name
  if find(s, "^'", at) then
    local _, stop = find(s, "^'[%s;)]*", at)
    if stop == #s then return nil end -- the text 'password' at the end
    return "value", at -- PASSWORD'secret', and 'password', 'secret'
  end
  local _, closed = find(s, '^["`%])]*', at)
  local _, last = find(s, "^%s*", closed + 1)
  local start = last + 1
  if find(s, "^=", start) or find(s, "^:[^:]", start) then
    _, last = find(s, "^[:=>]+[%s(]*", start)
  elseif find(s, "^[Tt][Oo][%s'$\"]", start) then
    _, last = find(s, "^%s*", start + 2)
  elseif find(s, "^%(['$]", start) then
    last = start -- set_password('secret')
  elseif find(s, "^[EeUuNnBbXx]?&?['$\\]", start) -- a constant
    or (find(s, '^"', start) and start > at) -- in the wrong quotes
    or find(s, "^/%*", start) or find(s, "^%-%-", start) -- a comment before it
    or find(s, "^%%[%d$]*[sLI]", start) then -- of format()
    return "value", start
  elseif find(s, "^[^;,)]", start) and not find(s, "^[Nn][Uu][Ll][Ll]$", start)
    and not find(s, "^[Nn][Uu][Ll][Ll][^%w_]", start) then
    return "word", start
  else
    return nil
  end
  if find(s, "^%$%d", last + 1) then return "parameter" end
  if last < #s then return "value", last + 1 end
end

-- The value can be put together from parts that stand before it: 'PASSWORD ' || …, format('… %L', …), '… $1' USING …
local function with_parts(s, at)
  local _, last = find(s, "^'+%s*", at)
  if last and find(s, "^[|,]", last + 1) or find(s, "^%%", at) or find(s, "^%$%d", at) then
    return min(at, find(s, "'", 1, true) or at, find(s, "%$[%w_\128-\255]*%$") or at)
  end
  return at
end

-- Position of the first password after the word, or nil. Also true if a password is a parameter.
local function password_after_word(s)
  -- ASCII only, so that positions stay the same in interpreters that change other letters too.
  local small = gsub(s, "%u+", lower)
  local at, words, parameters = 1, 0, false
  while true do
    local _, last = find(small, "password", at, true)
    if last == nil then return nil, parameters end
    at = last + 1
    local kind, first = after_name(s, at)
    if kind == "parameter" then parameters = true end
    if kind == "word" then
      words = words + 1
      -- Each look back takes time, so the 17th counts as a password.
      if words > 16 or is_in_role_clause(s, at) then return first, parameters end
    end
    if kind == "value" then return with_parts(s, first), parameters end
  end
end

-- Position of the password in scheme:, two slashes, user:password@host, or nil. The text can be cut off before the host.
local function password_of_uri(s)
  local at = 1
  while true do
    local _, scheme = find(s, slashes, at, true)
    if scheme == nil then return nil end
    at = scheme + 1
    local _, colon = find(s, "^[^:/@%s]*:", at)
    if colon then
      local _, stop = find(s, "^[^/%s]*", colon + 1)
      local cut = stop == #s and not find(s, "^%d*$", colon + 1) -- and not a port
      if cut or find(s, "^[^/%s]+@", colon + 1) then return colon + 1 end
    end
  end
end

-- The text with its end masked from the first password on, or nil if it contains none and no parameter is one
local function mask(text)
  local first, parameters = password_after_word(text)
  first = min(first or huge, password_of_uri(text) or huge)
  if first < huge then return sub(text, 1, first - 1) .. masked end
  if parameters then return text end
end

-- Masks what other texts of a record repeat of a password: parameters, values of a row, the place of a syntax error.
local function hide_repeated(r, found)
  for i = 1, #texts do
    local text = r[texts[i]]
    local parameters = type(text) == "string" and find(text, "%$%d+ = ")
    if parameters then r[texts[i]] = sub(text, 1, parameters - 1) .. masked end
  end
  if r.detail then r.detail = masked end
  for _, name in ipairs({ "message", "hint" }) do
    if type(r[name]) == "string" and not found[name] then
      -- between the first and the last quote, in any language
      local before, after = match(r[name], '^([^"\128-\255]*)["\128-\255].*["\128-\255](.*)$')
      if before then r[name] = before .. masked .. after end
    end
  end
end

local function hide_passwords(r)
  local found
  for i = 1, #texts do
    local name = texts[i]
    local text = r[name]
    if type(text) == "string" and may_contain_password(text) then
      local made = mask(text)
      if made then
        found = found or {}
        found[name], r[name] = true, made
      end
    end
  end
  if found == nil then return end
  hide_repeated(r, found)
  -- A line of jsonlog that is cut off: the message is before the statement, and can repeat its password.
  local _, message = find(r.log or "", '"message":"', 1, true)
  if message then r.log = sub(r.log, 1, message) .. masked end
end
