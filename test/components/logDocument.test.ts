import assert from "node:assert/strict";
import { fields, renderLua, renderMappings } from "../../components/logDocument";
import { loadLua, type LogRecord, type Processed } from "../support/lua";

/** jsonlog's keys for a session of a client, as Fluent Bit's parser leaves them: no time, and query_id as text. */
const session: LogRecord = {
    user: "app",
    dbname: "app",
    pid: 71,
    remote_host: "10.244.0.9",
    remote_port: 41822,
    session_id: "697df2a5.47",
    line_num: 5,
    ps: "SELECT",
    session_start: "2026-01-31 12:15:33 UTC",
    vxid: "3/4",
    txid: 0,
    error_severity: "LOG",
    application_name: "psql",
    backend_type: "client backend",
    query_id: "0",
    _path: "/var/log/postgresql/postgresql-16.json",
    _offset: 1204,
};

/** The document of such a line, before what the line itself says. */
const sessionDocument = {
    ecs: { version: "8.11.0" },
    log: { level: "LOG" },
    event: {
        id: "postgres-6d5f:697df2a5.47:5",
        kind: "event",
        category: "database",
        module: "postgresql",
        dataset: "postgresql.log",
        type: "info",
    },
    service: { type: "postgresql" },
    process: { pid: 71 },
    user: { name: "app" },
    client: { address: "10.244.0.9", port: 41822 },
    kubernetes: { namespace: "pglog-test", node: { name: "node-1" }, pod: { name: "postgres-6d5f", uid: "0b4d7c1e" } },
};
const sessionLog = {
    database: "app",
    session_id: "697df2a5.47",
    session_line_number: 5,
    session_start_time: "2026-01-31T12:15:33Z",
    command_tag: "SELECT",
    application_name: "psql",
    backend_type: "client backend",
    virtual_transaction_id: "3/4",
};

const failed = { ...sessionDocument, log: { level: "ERROR" } };
const failure = (code: string) => ({ ...sessionDocument.event, type: "error", code });
const timed = (duration: number) => ({ ...sessionDocument.event, duration });

/** Lines of jsonlog, what they are, and the whole documents that they become. */
const jsonlog: [string, LogRecord, object][] = [
    [
        "a client that connects (PostgreSQL 18)",
        {
            ...session,
            line_num: 2,
            ps: "authentication",
            message: "connection authorized: user=app database=app application_name=psql",
        },
        {
            ...sessionDocument,
            message: "connection authorized: user=app database=app application_name=psql",
            event: { ...sessionDocument.event, id: "postgres-6d5f:697df2a5.47:2" },
            postgresql: { log: { ...sessionLog, session_line_number: 2, command_tag: "authentication" } },
        },
    ],
    [
        "a client of the Unix socket, which has no port",
        {
            ...without(session, "remote_port"),
            remote_host: "[local]",
            message: "disconnection: session time: 0:00:00.012 user=app database=app host=[local]",
        },
        {
            ...sessionDocument,
            message: "disconnection: session time: 0:00:00.012 user=app database=app host=[local]",
            client: { address: "[local]" },
            postgresql: { log: sessionLog },
        },
    ],
    [
        "an error with its SQLSTATE and a statement of several lines (PostgreSQL 15)",
        {
            ...session,
            error_severity: "ERROR",
            state_code: "42P01",
            message: `relation "missing" does not exist`,
            statement: `SELECT *\n  FROM missing -- "quoted"\n WHERE id = 1;`,
            cursor_position: 17,
        },
        {
            ...failed,
            message: `relation "missing" does not exist`,
            event: failure("42P01"),
            postgresql: {
                log: {
                    ...sessionLog,
                    sql_state_code: "42P01",
                    query: `SELECT *\n  FROM missing -- "quoted"\n WHERE id = 1;`,
                    query_pos: 17,
                },
            },
        },
    ],
    [
        "an error in a function, with a hint, a detail and where PostgreSQL says it",
        {
            ...session,
            txid: 742,
            error_severity: "ERROR",
            state_code: "42703",
            message: `column "nam" does not exist`,
            detail: `There is a column named "name" in table "t".`,
            hint: `Perhaps you meant to reference the column "t.name".`,
            internal_query: "SELECT nam FROM t",
            internal_position: 8,
            context: "PL/pgSQL function f() line 3 at SQL statement",
            statement: "SELECT f()",
            func_name: "errorMissingColumn",
            file_name: "parse_relation.c",
            file_line_num: 3722,
            query_id: "-4611686018427387905",
        },
        {
            ...failed,
            message: `column "nam" does not exist`,
            event: failure("42703"),
            postgresql: {
                log: {
                    ...sessionLog,
                    transaction_id: 742,
                    sql_state_code: "42703",
                    query_id: "-4611686018427387905",
                    query: "SELECT f()",
                    internal_query: "SELECT nam FROM t",
                    internal_query_pos: 8,
                    detail: `There is a column named "name" in table "t".`,
                    hint: `Perhaps you meant to reference the column "t.name".`,
                    context: "PL/pgSQL function f() line 3 at SQL statement",
                    location: "errorMissingColumn, parse_relation.c:3722",
                },
            },
        },
    ],
    [
        "a statement of the extended protocol with its duration (PostgreSQL 17)",
        {
            ...session,
            message: "duration: 12.345 ms  execute <unnamed>: SELECT pg_sleep($1)",
            detail: "Parameters: $1 = '0.012'",
            query_id: "7610826539163513893",
        },
        {
            ...sessionDocument,
            message: "duration: 12.345 ms  execute <unnamed>: SELECT pg_sleep($1)",
            event: timed(12_345_000),
            postgresql: {
                log: {
                    ...sessionLog,
                    query_id: "7610826539163513893",
                    query: "SELECT pg_sleep($1)",
                    query_step: "execute",
                    detail: "Parameters: $1 = '0.012'",
                },
            },
        },
    ],
    [
        "a plain statement of several lines with its duration",
        { ...session, message: "duration: 0.512 ms  statement: SELECT ': '\n  FROM t" },
        {
            ...sessionDocument,
            message: "duration: 0.512 ms  statement: SELECT ': '\n  FROM t",
            event: timed(512_000),
            postgresql: { log: { ...sessionLog, query: "SELECT ': '\n  FROM t", query_step: "statement" } },
        },
    ],
    [
        "a duration without its statement",
        { ...session, message: "duration: 86400000.001 ms" },
        {
            ...sessionDocument,
            message: "duration: 86400000.001 ms",
            event: timed(86_400_000_001_000),
            postgresql: { log: sessionLog },
        },
    ],
    [
        "a plan of auto_explain, whose duration is not followed by a statement",
        { ...session, message: "duration: 3.250 ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01)" },
        {
            ...sessionDocument,
            message: "duration: 3.250 ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01)",
            event: timed(3_250_000),
            postgresql: { log: sessionLog },
        },
    ],
    [
        "a warning, which is no error",
        { ...session, error_severity: "WARNING", state_code: "01000", message: "there is no transaction in progress" },
        {
            ...sessionDocument,
            message: "there is no transaction in progress",
            log: { level: "WARNING" },
            event: { ...sessionDocument.event, code: "01000" },
            postgresql: { log: { ...sessionLog, sql_state_code: "01000" } },
        },
    ],
    [
        "a parallel worker's line, with the process that leads it",
        { ...session, message: "temporary file: size 8192", backend_type: "parallel worker", leader_pid: 70 },
        {
            ...sessionDocument,
            message: "temporary file: size 8192",
            postgresql: { log: { ...sessionLog, backend_type: "parallel worker", leader_pid: 70 } },
        },
    ],
    [
        "a line of the server itself, which has no user and no client",
        {
            pid: 59,
            session_id: "697df29f.3b",
            line_num: 3,
            session_start: "2026-01-31 12:15:27 UTC",
            txid: 0,
            error_severity: "LOG",
            message: "checkpoint complete: wrote 3 buffers (0.0%)",
            backend_type: "checkpointer",
            query_id: "0",
        },
        {
            message: "checkpoint complete: wrote 3 buffers (0.0%)",
            ecs: sessionDocument.ecs,
            log: { level: "LOG" },
            event: { ...sessionDocument.event, id: "postgres-6d5f:697df29f.3b:3" },
            service: sessionDocument.service,
            process: { pid: 59 },
            kubernetes: sessionDocument.kubernetes,
            postgresql: {
                log: {
                    session_id: "697df29f.3b",
                    session_line_number: 3,
                    session_start_time: "2026-01-31T12:15:27Z",
                    backend_type: "checkpointer",
                },
            },
        },
    ],
];

const plainRecord = { _path: "/var/log/postgresql/postgresql-16.log", _offset: 512 };
const plainDocument = (message: string, id: string, more: { level?: string } = {}) => ({
    message,
    ecs: sessionDocument.ecs,
    log: { ...more, file: { path: plainRecord._path }, offset: plainRecord._offset },
    event: { ...sessionDocument.event, id },
    service: sessionDocument.service,
    kubernetes: sessionDocument.kubernetes,
    tags: ["postgresql_plain_text"],
});
const cutOff = `{"timestamp":"2026-01-31 12:16:00.123 UTC","user":"app","pid":71,"session_id":"697df2a5.47","line_num":5,"ps":"SELECT","error_severity":"ERROR","message":"value too lo`;

/** Lines that are not jsonlog, and the whole documents that they become. */
const plain: [string, LogRecord, object][] = [
    [
        "a line that PostgreSQL wrote before its collector ran",
        { ...plainRecord, log: "2026-01-31 12:15:27.001 UTC [1] LOG:  starting PostgreSQL 17.11" },
        plainDocument(
            "2026-01-31 12:15:27.001 UTC [1] LOG:  starting PostgreSQL 17.11",
            `postgres-6d5f:plain:${plainRecord._path}:512:__HASH__`,
            { level: "LOG" },
        ),
    ],
    [
        "a line of a library, without a level",
        { ...plainRecord, log: `sh: 1: "archive": not found` },
        plainDocument(`sh: 1: "archive": not found`, `postgres-6d5f:plain:${plainRecord._path}:512:__HASH__`),
    ],
    [
        "a line of jsonlog that was cut off, under the id of the whole line",
        { ...plainRecord, log: cutOff },
        {
            ...plainDocument(cutOff, "postgres-6d5f:697df2a5.47:5", { level: "ERROR" }),
            postgresql: { log: { session_id: "697df2a5.47", session_line_number: 5 } },
        },
    ],
];

function without(record: LogRecord, name: string): LogRecord {
    return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** djb2 to 32 bits, which the Lua code is to compute. */
function djb2(text: string): number {
    return [...Buffer.from(text)].reduce((h, byte) => (h * 33 + byte) % 2 ** 32, 5381);
}

/** Each leaf of a document with its path. */
function leaves(value: unknown, path: string[] = []): [string, unknown][] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path.join("."), value]];
    return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
}

interface Mapping {
    type?: string;
    ignore_above?: number;
    properties?: Record<string, Mapping>;
}

/** Each mapped field with its path. */
function mapped(mapping: Mapping, path: string[] = []): [string, string][] {
    if (mapping.type !== undefined) return [[path.join("."), mapping.type]];
    return Object.entries(mapping.properties ?? {}).flatMap(([name, member]) => mapped(member, [...path, name]));
}

describe("logDocument", () => {
    let run: Awaited<ReturnType<typeof loadLua>>;
    before(async () => {
        run = await loadLua();
    });
    const id = ({ document }: Processed) => (document.event as { id: string }).id;

    for (const [what, record, document] of jsonlog)
        it(`makes a whole document of ${what}`, () => {
            assert.deepEqual(run("jsonlog_document", record), { code: 2, timestamp: 1769860800.25, document });
        });

    for (const [what, record, document] of plain)
        it(`makes a whole document of ${what}`, () => {
            const expected = JSON.parse(
                JSON.stringify(document).replace("__HASH__", String(djb2(String(record.log)))),
            ) as object;
            assert.deepEqual(run("plain_document", record), { code: 2, timestamp: 1769860800.25, document: expected });
            assert.deepEqual(
                run("jsonlog_document", record).document,
                expected,
                "also if it stands among lines of jsonlog",
            );
        });

    it("gives a line the same id whenever and from wherever it is read", () => {
        const [, record] = jsonlog[0]!;
        const moved = { ...record, _path: "/elsewhere.json", _offset: 0 };
        assert.equal(id(run("jsonlog_document", moved, 1)), id(run("jsonlog_document", record, 2)));
        const [, text] = plain[0]!;
        assert.equal(id(run("plain_document", text, 1)), id(run("plain_document", text, 2)));
    });

    it("gives two lines two ids", () => {
        const ids = [
            run("jsonlog_document", session),
            run("jsonlog_document", { ...session, line_num: 6 }),
            run("jsonlog_document", { ...session, session_id: "697df2a5.48" }),
            run("plain_document", { ...plainRecord, log: "one" }),
            run("plain_document", { ...plainRecord, log: "two" }), // the file was emptied and written anew
            run("plain_document", { ...plainRecord, log: "one", _offset: 513 }),
            run("plain_document", { ...plainRecord, log: "one", _path: "/var/log/postgresql/postgresql-17.log" }),
        ].map(id);
        assert.deepEqual([...new Set(ids)], ids);
    });

    it("takes a damaged record for text, whatever is left of it", () => {
        for (const record of [{}, { message: "half" }, { log: "" }, { session_id: "697df2a5.47" }] as LogRecord[]) {
            const { code, document } = run("jsonlog_document", record);
            assert.equal(code, 2);
            assert.deepEqual(document.tags, ["postgresql_plain_text"]);
            assert.match((document.event as { id: string }).id, /^postgres-6d5f:plain::+\d+$/);
        }
    });

    describe("mappings", () => {
        const types = Object.fromEntries(mapped(renderMappings() as Mapping));
        const fits: Record<string, (value: unknown) => boolean> = {
            date: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value),
            keyword: (value) => [value].flat().every((one) => typeof one === "string" && one.length > 0),
            long: (value) => Number.isSafeInteger(value),
            text: (value) => typeof value === "string",
        };
        const documents = () => [
            ...jsonlog.map(([, record]) => run("jsonlog_document", record).document),
            ...plain.map(([, record]) => run("plain_document", record).document),
        ];

        it("has a field of the fitting type for every value of every document, so that none is refused", () => {
            for (const [path, value] of documents().flatMap((document) => leaves(document)))
                assert.ok(
                    fits[types[path] ?? ""]?.(value),
                    `${path} is mapped as ${types[path] ?? "nothing"}, and came as ${JSON.stringify(value)}`,
                );
        });

        it("has no field that no line fills, but the time, which the output adds", () => {
            const filled = new Set(documents().flatMap((document) => leaves(document).map(([path]) => path)));
            assert.deepEqual(
                Object.keys(types).filter((path) => !filled.has(path)),
                ["@timestamp"],
            );
        });

        it("has each field once, and none that is an object elsewhere", () => {
            const paths = fields.map(({ path }) => path);
            assert.deepEqual(paths.toSorted(), Object.keys(types).toSorted());
            for (const path of paths)
                assert.equal(
                    paths.some((other) => other.startsWith(`${path}.`)),
                    false,
                    `${path} is a value and an object`,
                );
        });

        it("guesses no type, and refuses no document over a long value", () => {
            const { dynamic, date_detection, ...mapping } = renderMappings();
            assert.deepEqual({ dynamic, date_detection }, { dynamic: false, date_detection: false });
            const keywords = JSON.stringify(mapping).match(/\{"type":"keyword"[^}]*\}/g)!;
            assert.deepEqual([...new Set(keywords)], ['{"type":"keyword","ignore_above":1024}']);
        });
    });

    it("is the same text each time, without a clock or a counter", () => {
        assert.equal(renderLua(), renderLua());
        assert.doesNotMatch(renderLua(), /os\.(time|clock|date)|math\.random|\bgoto\b|\/\/|<const>/);
    });
});
