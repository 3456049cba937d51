import { script } from "../kubernetes/script";

/** Elasticsearch field types in use. Every distribution of Elasticsearch has them. */
type FieldType = "date" | "keyword" | "long" | "text";

/** One field of the shipped document. */
interface Field {
    /** Name, with dots between objects. Names come from ECS 8.11 and from Elastic's PostgreSQL integration. */
    path: string;
    type: FieldType;
    /** Text also has the field `<path>.keyword`, for aggregations. */
    aggregated?: true;
    /** Lua expression for a jsonlog line. It may use the variables of `jsonlog` in components/scripts/document.lua. */
    jsonlog?: string;
    /** Lua expression for any other line. It may use the variables of `plain`. */
    plain?: string;
}

const constant = (path: string, value: string): Field => {
    const lua = JSON.stringify(value);
    return { path, type: "keyword", jsonlog: lua, plain: lua };
};

/**
 * Every field of a log document. The index mapping and the shipper's Lua code are generated from this table, so documents
 * always fit the mapping.
 *
 * Names: https://www.elastic.co/guide/en/ecs/8.11/index.html and
 * https://www.elastic.co/docs/reference/integrations/postgresql
 * Keys of jsonlog: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
 *
 * Changing a type here changes the index template. Existing indices keep their types.
 */
export const fields: readonly Field[] = [
    { path: "@timestamp", type: "date" }, // set by Fluent Bit's output from the record's time
    { path: "message", type: "text", jsonlog: "r.message", plain: "text" },
    constant("ecs.version", "8.11.0"),
    { path: "log.level", type: "keyword", jsonlog: "r.error_severity", plain: "level" },
    { path: "log.file.path", type: "keyword", plain: "r._path" },
    { path: "log.offset", type: "long", plain: "r._offset" },
    { path: "event.id", type: "keyword", jsonlog: "id(r.session_id, r.line_num)", plain: "event_id" },
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
    { path: "client.address", type: "keyword", jsonlog: "r.remote_host" }, // not of type ip: a socket's is "[local]"
    { path: "client.port", type: "long", jsonlog: "r.remote_port" },
    { path: "kubernetes.namespace", type: "keyword", jsonlog: "namespace", plain: "namespace" },
    { path: "kubernetes.node.name", type: "keyword", jsonlog: "node", plain: "node" },
    { path: "kubernetes.pod.name", type: "keyword", jsonlog: "pod", plain: "pod" },
    { path: "kubernetes.pod.uid", type: "keyword", jsonlog: "uid", plain: "uid" },
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
    { path: "postgresql.log.query_id", type: "keyword", jsonlog: "assigned(r.query_id_text)" },
    { path: "postgresql.log.query", type: "text", aggregated: true, jsonlog: "query or r.statement" },
    { path: "pglog.statement", type: "keyword", jsonlog: "duration and without_values(r, query)" },
    { path: "postgresql.log.query_step", type: "keyword", jsonlog: "step" },
    { path: "postgresql.log.query_pos", type: "long", jsonlog: "r.cursor_position" },
    { path: "postgresql.log.internal_query", type: "text", aggregated: true, jsonlog: "r.internal_query" },
    { path: "postgresql.log.internal_query_pos", type: "long", jsonlog: "r.internal_position" },
    { path: "postgresql.log.detail", type: "text", aggregated: true, jsonlog: "r.detail" },
    { path: "postgresql.log.hint", type: "text", aggregated: true, jsonlog: "r.hint" },
    { path: "postgresql.log.context", type: "text", aggregated: true, jsonlog: "r.context" },
    { path: "postgresql.log.location", type: "keyword", jsonlog: "location(r)" },
    { path: "event.action", type: "keyword", plain: 'lost_lines and "lines-lost"' },
    { path: "pglog.lost.lines", type: "long", plain: "tonumber(lost_lines)" },
    { path: "pglog.lost.bytes", type: "long", plain: "tonumber(lost_bytes)" },
    { path: "pglog.lost.file", type: "keyword", plain: "lost_file" },
    { path: "tags", type: "keyword", plain: '{ "postgresql_plain_text" }' },
];

/**
 * Other names of fields, under which Elastic's dashboards for PostgreSQL's log find them. Elasticsearch keeps each value
 * once, so documents do not grow. The package's data stream has further names; test/logs/kibana.test.ts lists them.
 */
export const aliases: Readonly<Record<string, string>> = {
    "data_stream.dataset": "event.dataset",
    "postgresql.log.client_addr": "client.address",
    "postgresql.log.client_port": "client.port",
};

/**
 * Path of the document's id, for the output's `id_key`. It is the only field in a nested object, because chunks that an
 * earlier version left in the queue have it there too.
 */
export const idKey = "$event['id']";

/** A tree of objects with a value at each leaf. */
interface Tree<Leaf> {
    [name: string]: Leaf | Tree<Leaf>;
}

// Elasticsearch refuses a document with a keyword over 32,766 bytes. Longer than 1,024 characters is not indexed.
const keyword = { type: "keyword", ignore_above: 1024 };

/** `mappings` of the index template: only the fields above, with types that accept every document's values. */
export function renderMappings() {
    const root: Tree<object> = {};
    const add = (path: string, mapping: object) => {
        const names = path.split(".");
        const objects = names.slice(0, -1).flatMap((name) => [name, "properties"]);
        const parent = objects.reduce((tree, name) => (tree[name] ??= {}) as Tree<object>, root);
        parent[names.at(-1)!] = mapping;
    };
    for (const { path, type, aggregated } of fields)
        add(path, type === "keyword" ? keyword : { type, ...(aggregated && { fields: { keyword } }) });
    for (const [path, target] of Object.entries(aliases)) add(path, { type: "alias", path: target });
    return { dynamic: false, date_detection: false, properties: root };
}

/**
 * The Lua function `document`, with which Fluent Bit turns a record into a document: components/scripts/document.lua with
 * passwords.lua and the fields above. It runs in Lua 5.1 to 5.4.
 *
 * Names are flat, since Elasticsearch reads `"log.level"` and `{"log": {"level"}}` as the same field, and Fluent Bit
 * converts one table per record fastest (docs/performance.md).
 */
export function renderLua(): string {
    const lua = insert(script("document.lua"), "-- passwords.lua", script("passwords.lua"));
    const jsonlog = insert(lua, "    -- fields of a jsonlog line", luaMembers("jsonlog"));
    return insert(jsonlog, "    -- fields of any other line", luaMembers("plain"));
}

/** @throws if the script does not have the mark exactly once */
function insert(lua: string, mark: string, text: string): string {
    const parts = lua.split(`${mark}\n`);
    if (parts.length !== 2) throw new Error(`components/scripts/document.lua must have one line "${mark}"`);
    return parts.join(text);
}

function luaMembers(of: "jsonlog" | "plain"): string {
    return fields
        .filter((field) => field[of] !== undefined)
        .map((field) => {
            const value = field[of]!;
            return field.path === "event.id"
                ? `    event = { id = ${value} },\n`
                : `    ["${field.path}"] = ${value},\n`;
        })
        .join("");
}
