-- string.find and string.match in Lua itself, so that a hook which counts instructions sees what a pattern costs: in C a
-- pattern is one instruction, however long it tries. Without %b, %f, %1 and position captures, which nothing here uses.
local byte, sub, real_find = string.byte, string.sub, string.find

local sets = {}
-- The bytes that one item of a pattern stands for, such as "%d" or "[^/]".
local function set_of(item)
  local set = sets[item]
  if not set then
    set = {}
    for code = 0, 255 do
      set[code] = real_find(string.char(code), (item == "$" or item == "^") and "%" .. item or item) ~= nil
    end
    sets[item] = set
  end
  return set
end

local function item_end(p, i)
  local c = sub(p, i, i)
  if c == "%" then return i + 2 end
  if c ~= "[" then return i + 1 end
  i = i + 1
  if sub(p, i, i) == "^" then i = i + 1 end
  repeat i = i + (sub(p, i, i) == "%" and 2 or 1) until sub(p, i, i) == "]"
  return i + 1
end

-- Where the match of pattern p from j on ends that begins at i; nil if there is none.
local function match_at(s, i, p, j, captures)
  while true do
    local c = sub(p, j, j)
    if c == "" then return i end
    if c == "(" then
      local n = #captures + 1
      captures[n] = { i }
      local stop = match_at(s, i, p, j + 1, captures)
      if not stop then captures[n] = nil end
      return stop
    elseif c == ")" then
      local n = #captures
      while captures[n][2] do n = n - 1 end
      captures[n][2] = i - 1
      local stop = match_at(s, i, p, j + 1, captures)
      if not stop then captures[n][2] = nil end
      return stop
    elseif c == "$" and j == #p then
      if i == #s + 1 then return i end
      return nil
    end
    local after = item_end(p, j)
    local set, suffix = set_of(sub(p, j, after - 1)), sub(p, after, after)
    if suffix == "*" or suffix == "+" or suffix == "?" then
      local n, least, most = 0, suffix == "+" and 1 or 0, suffix == "?" and 1 or #s
      while n < most and set[byte(s, i + n)] do n = n + 1 end
      while n >= least do
        local stop = match_at(s, i + n, p, after + 1, captures)
        if stop then return stop end
        n = n - 1
      end
      return nil
    elseif suffix == "-" then
      while true do
        local stop = match_at(s, i, p, after + 1, captures)
        if stop then return stop end
        if not set[byte(s, i)] then return nil end
        i = i + 1
      end
    end
    if not set[byte(s, i)] then return nil end
    i, j = i + 1, after
  end
end

-- Start and end of the first match, and its captures.
local function search(s, p, init)
  s = tostring(s)
  init = init or 1
  if init < 0 then init = math.max(1, #s + init + 1) end
  local anchored = sub(p, 1, 1) == "^"
  for i = init, anchored and init or #s + 1 do
    local captures = {}
    local stop = match_at(s, i, p, anchored and 2 or 1, captures)
    if stop then
      for n, capture in ipairs(captures) do captures[n] = sub(s, capture[1], capture[2]) end
      return i, stop - 1, captures
    end
  end
end

function string.find(s, p, init, plain)
  if plain then return real_find(s, p, init, plain) end
  local first, last, captures = search(s, p, init)
  if first then return first, last, table.unpack(captures) end
end

function string.match(s, p, init)
  local first, last, captures = search(s, p, init)
  if not first then return nil end
  if #captures == 0 then return sub(s, first, last) end
  return table.unpack(captures)
end
