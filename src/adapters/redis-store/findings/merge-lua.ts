import { MAX_CONSUMERS, MAX_EVIDENCE, MAX_OPERATIONS, OTHERS } from '../../../core/merge-findings.ts';

/**
 * `merge` of core, in Lua: `merge(a, b, join)`, where `join` makes one count of two. `a` is changed and given back. Texts are compared as JavaScript does,
 * by UTF-16 units: in UTF-8 that is the order of bytes, but for U+E000 to U+FFFF (EE and EF), which come behind what takes two units (F0 to F4). Lua's
 * own `<` follows the language that the server was started in.
 *
 * `sound(row)`: it has what merging takes for granted. What lies in Redis may be anybody's.
 */
export const MERGE_LUA = `
local function unit(byte) return (byte == 0xEE or byte == 0xEF) and byte + 0x10 or byte end

local function less(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return unit(x) < unit(y) end
  end
  return #a < #b
end

local function put(list, text, most)
  for i = 1, #list do if list[i] == text then return end end
  if #list >= most and not less(text, list[#list]) then return end
  local at = #list
  while at > 0 and less(text, list[at]) do at = at - 1 end
  table.insert(list, at + 1, text)
  if #list > most then table.remove(list) end
end

local function unite(a, b, most)
  for i = 1, #b do put(a, b[i], most) end
end

local function joined(a, b, join)
  if a == nil then return b end
  return {
    count = join(a.count, b.count),
    firstSeenAt = math.min(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt = math.max(a.lastSeenAt, b.lastSeenAt),
  }
end

local function consumers(a, b, join)
  for name, seen in pairs(b) do a[name] = joined(a[name], seen, join) end
  local names = {}
  for name in pairs(a) do if name ~= '${OTHERS}' then names[#names + 1] = name end end
  if #names <= ${MAX_CONSUMERS} then return end
  table.sort(names, less)
  for i = ${MAX_CONSUMERS + 1}, #names do
    a['${OTHERS}'] = joined(a['${OTHERS}'], a[names[i]], join)
    a[names[i]] = nil
  end
end

local SHORT = { ['"'] = '\\\\"', ['\\\\'] = '\\\\\\\\', ['\\b'] = '\\\\b', ['\\f'] = '\\\\f', ['\\n'] = '\\\\n', ['\\r'] = '\\\\r', ['\\t'] = '\\\\t' }
local function escaped(char) return SHORT[char] or string.format('\\\\u%04x', string.byte(char)) end

local function json(...)
  local texts = { ... }
  for i = 1, #texts do texts[i] = '"' .. string.gsub(texts[i], '[%z\\1-\\31"\\\\]', escaped) .. '"' end
  return '[' .. table.concat(texts, ',') .. ']'
end

local function origin(row) return json(row.operation, row.pointer, row.location, row.direction) end
local function contract(row) return json(row.contract.version, row.contract.digest) end
local function word(said) return (said.withdrawn and '1' or '0') .. said.note end

local function later(a, b)
  if a == nil or b == nil then return a or b end
  if a.at ~= b.at then return a.at > b.at and a or b end
  return less(word(a), word(b)) and b or a
end

local function merge(a, b, join)
  local first, last = a.seen.firstSeenAt - b.seen.firstSeenAt, a.seen.lastSeenAt - b.seen.lastSeenAt
  if first > 0 or (first == 0 and less(origin(b), origin(a))) then
    a.direction, a.operation, a.location, a.pointer = b.direction, b.operation, b.location, b.pointer
  end
  if last < 0 or (last == 0 and less(contract(a), contract(b))) then a.contract = b.contract end
  a.seen = joined(a.seen, b.seen, join)
  consumers(a.consumers, b.consumers, join)
  unite(a.operations, b.operations, ${MAX_OPERATIONS})
  for _, of in ipairs({ 'types', 'formats', 'values' }) do unite(a.evidence[of], b.evidence[of], ${MAX_EVIDENCE}) end
  a.acknowledged = later(a.acknowledged, b.acknowledged)
  return a
end

local function are(kind, row, names)
  for _, name in ipairs(names) do if type(row[name]) ~= kind then return false end end
  return true
end

local function seen(value) return type(value) == 'table' and are('number', value, { 'count', 'firstSeenAt', 'lastSeenAt' }) end

local function texts(list)
  if type(list) ~= 'table' then return false end
  local count = 0
  for _, text in pairs(list) do
    if type(text) ~= 'string' then return false end
    count = count + 1
  end
  return count == #list
end

local function sound(row)
  if type(row) ~= 'table' or not are('string', row, { 'id', 'kind', 'direction', 'api', 'operation', 'side', 'location', 'pointer', 'specPointer', 'name' })
    or not are('table', row, { 'consumers', 'evidence', 'contract' }) or not are('string', row.contract, { 'version', 'digest' }) then return false end
  for name, value in pairs(row.consumers) do if type(name) ~= 'string' or not seen(value) then return false end end
  local said = row.acknowledged
  return seen(row.seen) and texts(row.operations) and texts(row.evidence.types) and texts(row.evidence.formats) and texts(row.evidence.values)
    and (said == nil or (type(said) == 'table' and type(said.at) == 'number' and type(said.note) == 'string'
      and (said.withdrawn == nil or said.withdrawn == true)))
end
`;
