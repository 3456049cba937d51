import { script } from "../kubernetes/script";

/** Elasticsearch field types in use, all of them in every distribution of Elasticsearch. */
type FieldType = "date" | "keyword" | "long" | "text";

/** One field of the shipped document. */
interface Field {
    /** Its name, with dots between objects. Names are those of ECS 8.11 and of Elastic's PostgreSQL integration. */
    path: string;
    type: FieldType;
    /** Lua expression for a line of jsonlog, over what `jsonlog` in components/scripts/document.lua has at hand. */
    jsonlog?: string;
    /** The same for any other line, over what `plain` has at hand. */
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
    { path: "client.address", type: "keyword", jsonlog: "r.remote_host" }, // "[local]" for a socket: not an ip
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
    { path: "postgresql.log.query", type: "text", jsonlog: "query or r.statement" },
    { path: "postgresql.log.query_step", type: "keyword", jsonlog: "step" },
    { path: "postgresql.log.query_pos", type: "long", jsonlog: "r.cursor_position" },
    { path: "postgresql.log.internal_query", type: "text", jsonlog: "r.internal_query" },
    { path: "postgresql.log.internal_query_pos", type: "long", jsonlog: "r.internal_position" },
    { path: "postgresql.log.detail", type: "text", jsonlog: "r.detail" },
    { path: "postgresql.log.hint", type: "text", jsonlog: "r.hint" },
    { path: "postgresql.log.context", type: "text", jsonlog: "r.context" },
    { path: "postgresql.log.location", type: "keyword", jsonlog: "location(r)" },
    { path: "event.action", type: "keyword", plain: 'lost_lines and "lines-lost"' },
    { path: "pglog.lost.lines", type: "long", plain: "tonumber(lost_lines)" },
    { path: "pglog.lost.bytes", type: "long", plain: "tonumber(lost_bytes)" },
    { path: "pglog.lost.file", type: "keyword", plain: "lost_file" },
    { path: "tags", type: "keyword", plain: '{ "postgresql_plain_text" }' },
];

/**
 * The one member of the document that is in an object of its own, for the output's `id_key`. Chunks that an earlier
 * version of this program left in the queue have it at the same place.
 */
export const idKey = "$event['id']";

/** A tree of objects with a value at each leaf. */
interface Tree<Leaf> {
    [name: string]: Leaf | Tree<Leaf>;
}

/** `mappings` of the index template: just the fields above, and no document can be refused over its values. */
export function renderMappings() {
    const root: Tree<object> = {};
    for (const { path, type } of fields) {
        const names = path.split(".");
        const objects = names.slice(0, -1).flatMap((name) => [name, "properties"]);
        const parent = objects.reduce((tree, name) => (tree[name] ??= {}) as Tree<object>, root);
        // A keyword over 32,766 bytes is refused with its document; up to 1,024 characters of it are searched.
        parent[names.at(-1)!] = type === "keyword" ? { type, ignore_above: 1024 } : { type };
    }
    return { dynamic: false, date_detection: false, properties: root };
}

/**
 * The Lua function `document`, by which Fluent Bit turns a record into a document: components/scripts/document.lua with
 * the fields above. It keeps to what Lua 5.1 to 5.4 have in common.
 *
 * Names are flat: `"log.level"` and `{"log": {"level"}}` are the same field to Elasticsearch, and one table for each
 * record is what Fluent Bit converts fastest (docs/performance.md).
 */
export function renderLua(): string {
    return script("document.lua")
        .replace("    -- fields of a line of jsonlog\n", luaMembers("jsonlog"))
        .replace("    -- fields of any other line\n", luaMembers("plain"));
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
