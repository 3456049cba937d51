/** Elasticsearch field types in use, all of them in every distribution of Elasticsearch. */
type FieldType = "date" | "keyword" | "long" | "text";

/** One field of the shipped document. */
interface Field {
    /** Its name, with dots between objects. Names are those of ECS 8.11 and of Elastic's PostgreSQL integration. */
    path: string;
    type: FieldType;
    /** Lua expression over the jsonlog record `r` (and what the function has computed from it); none: set elsewhere. */
    jsonlog?: string;
    /** The same for a line that is not jsonlog: `text` is the line, `level` what looks like its level. */
    plain?: string;
}

const constant = (path: string, value: string): Field => {
    const lua = JSON.stringify(value);
    return { path, type: "keyword", jsonlog: lua, plain: lua };
};

/**
 * Every field of a log document: the one place that the index mapping and the shipper's mapping code come from, so that
 * what is shipped always fits what is mapped.
 *
 * Sources of the names: https://www.elastic.co/guide/en/ecs/8.11/index.html and the integration's fields,
 * https://www.elastic.co/docs/reference/integrations/postgresql. jsonlog's keys:
 * https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
 *
 * Changing a type here changes the index template; indices that exist keep theirs until the next one begins.
 */
export const fields: readonly Field[] = [
    { path: "@timestamp", type: "date" }, // by the output, from the record's time
    { path: "message", type: "text", jsonlog: "r.message", plain: "text" },
    constant("ecs.version", "8.11.0"),
    { path: "log.level", type: "keyword", jsonlog: "r.error_severity", plain: "level" },
    { path: "log.file.path", type: "keyword", plain: "r._path" },
    { path: "log.offset", type: "long", plain: "r._offset" },
    { path: "event.id", type: "keyword", jsonlog: "id(r.session_id, r.line_num)", plain: "plain_id" },
    constant("event.kind", "event"),
    constant("event.category", "database"),
    constant("event.module", "postgresql"),
    constant("event.dataset", "postgresql.log"),
    { path: "event.type", type: "keyword", jsonlog: "event_type(r.state_code)", plain: '"info"' },
    { path: "event.code", type: "keyword", jsonlog: "r.state_code" },
    { path: "event.duration", type: "long", jsonlog: "duration" }, // ns
    constant("service.type", "postgresql"),
    { path: "process.pid", type: "long", jsonlog: "r.pid" },
    { path: "user.name", type: "keyword", jsonlog: "r.user" },
    { path: "client.address", type: "keyword", jsonlog: "r.remote_host" }, // "[local]" for a socket: not an ip
    { path: "client.port", type: "long", jsonlog: "r.remote_port" },
    { path: "kubernetes.namespace", type: "keyword", jsonlog: "namespace", plain: "namespace" },
    { path: "kubernetes.node.name", type: "keyword", jsonlog: "node", plain: "node" },
    { path: "kubernetes.pod.name", type: "keyword", jsonlog: "pod", plain: "pod" },
    { path: "kubernetes.pod.uid", type: "keyword", jsonlog: "pod_uid", plain: "pod_uid" },
    { path: "postgresql.log.database", type: "keyword", jsonlog: "r.dbname" },
    { path: "postgresql.log.session_id", type: "keyword", jsonlog: "r.session_id", plain: "session" },
    { path: "postgresql.log.session_line_number", type: "long", jsonlog: "r.line_num", plain: "tonumber(line)" },
    { path: "postgresql.log.session_start_time", type: "date", jsonlog: "iso8601(r.session_start)" },
    { path: "postgresql.log.command_tag", type: "keyword", jsonlog: "r.ps" },
    { path: "postgresql.log.application_name", type: "keyword", jsonlog: "r.application_name" },
    { path: "postgresql.log.backend_type", type: "keyword", jsonlog: "r.backend_type" },
    { path: "postgresql.log.leader_pid", type: "long", jsonlog: "r.leader_pid" },
    { path: "postgresql.log.virtual_transaction_id", type: "keyword", jsonlog: "r.vxid" },
    { path: "postgresql.log.transaction_id", type: "long", jsonlog: "assigned(r.txid)" },
    { path: "postgresql.log.sql_state_code", type: "keyword", jsonlog: "r.state_code" },
    { path: "postgresql.log.query_id", type: "keyword", jsonlog: "assigned(r.query_id)" },
    { path: "postgresql.log.query", type: "text", jsonlog: "query or r.statement" },
    { path: "postgresql.log.query_step", type: "keyword", jsonlog: "step" },
    { path: "postgresql.log.query_pos", type: "long", jsonlog: "r.cursor_position" },
    { path: "postgresql.log.internal_query", type: "text", jsonlog: "r.internal_query" },
    { path: "postgresql.log.internal_query_pos", type: "long", jsonlog: "r.internal_position" },
    { path: "postgresql.log.detail", type: "text", jsonlog: "r.detail" },
    { path: "postgresql.log.hint", type: "text", jsonlog: "r.hint" },
    { path: "postgresql.log.context", type: "text", jsonlog: "r.context" },
    { path: "postgresql.log.location", type: "keyword", jsonlog: "location(r)" },
    { path: "tags", type: "keyword", plain: '{ "postgresql_plain_text" }' },
];

/** A tree of objects with a value at each leaf. */
interface Tree<Leaf> {
    [name: string]: Leaf | Tree<Leaf>;
}

/** The fields as nested objects; a field for which `leafOf` gives undefined is left out. */
function nested<Leaf extends string | { type: FieldType }>(leafOf: (field: Field) => Leaf | undefined): Tree<Leaf> {
    const root: Tree<Leaf> = {};
    for (const field of fields) {
        const leaf = leafOf(field);
        if (leaf === undefined) continue;
        const names = field.path.split(".");
        const parent = names.slice(0, -1).reduce((tree, name) => (tree[name] ??= {}) as Tree<Leaf>, root);
        parent[names.at(-1)!] = leaf;
    }
    return root;
}

/** `mappings` of the index template: just the fields above, and no document can be refused over its values. */
export function renderMappings() {
    const properties = (tree: Tree<{ type: FieldType }>): Record<string, object> =>
        Object.fromEntries(
            Object.entries(tree).map(([name, node]) => [
                name,
                isType(node)
                    ? // A keyword over 32,766 bytes is refused with its document; up to 1,024 characters of it are searched.
                      node.type === "keyword"
                        ? { type: "keyword", ignore_above: 1024 }
                        : { type: node.type }
                    : { properties: properties(node) },
            ]),
        );
    return {
        dynamic: false,
        date_detection: false,
        properties: properties(nested(({ type }) => ({ type }))),
    };
}

const isType = (node: Tree<{ type: FieldType }> | { type: FieldType }): node is { type: FieldType } =>
    typeof node.type === "string";

/**
 * The Lua functions by which Fluent Bit turns a record into a document: `jsonlog_document` and `plain_document`.
 *
 * Both are functions of the record alone (no clock, no counter), so that a line read twice has the same id twice. They
 * keep to what Lua 5.1 to 5.4 have in common.
 */
export function renderLua(): string {
    return `${preamble}
function jsonlog_document(tag, timestamp, r)
  if r.session_id == nil or r.line_num == nil then -- cut off or damaged
    return plain_document(tag, timestamp, r)
  end
  local duration, step, query = timing(r.message)
  return 2, timestamp, ${luaTable(
      nested(({ jsonlog }) => jsonlog),
      "  ",
  )}
end

function plain_document(tag, timestamp, r)
  local text = r.log or r.message or ""
  local level = match(text, "(%u+):  ") or match(text, '"error_severity":"(%u+)"')
  local session, line = match(text, '"session_id":"(%x+%.%x+)","line_num":(%d+)')
  local plain_id = session and id(session, line) or id("plain", (r._path or "") .. ":" .. (r._offset or "") .. ":" .. hash(text))
  return 2, timestamp, ${luaTable(
      nested(({ plain }) => plain),
      "  ",
  )}
end
`;
}

function luaTable(tree: Tree<string>, indent: string): string {
    const lines = Object.entries(tree).map(([name, node]) => {
        const value = typeof node === "string" ? node : `group(${luaTable(node, `${indent}  `)})`;
        return `${indent}  ${name} = ${value},\n`;
    });
    return `{\n${lines.join("")}${indent}}`;
}

const preamble = `-- A line of PostgreSQL's log as an ECS document. Generated from components/logDocument.ts.
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
`;
