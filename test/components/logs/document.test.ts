import assert from "node:assert/strict";
import { aliases, fields, idKey, renderLua, renderMappings } from "../../../components/logs/document";
import { LuaFilter, type LogRecord, type LogValue, type Processed } from "../../support/lua";

/** jsonlog's keys for a client's session, as Fluent Bit passes them on: no time, and query_id also as text. */
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
    query_id: 0,
    query_id_text: "0",
    _path: "/var/log/postgresql/postgresql-2026-01-31_121527-postgres-6d5f.json",
    _offset: 1204,
};

/** The document of such a line, without the fields of the line itself. */
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

/** Lines of jsonlog, with a description and the complete document. */
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
        "an error in a function, with a hint, a detail and the source location",
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
            query_id: -4611686018427388000,
            query_id_text: "-4611686018427387905",
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
            query_id: 7610826539163514000,
            query_id_text: "7610826539163513893",
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
        "a plain statement of several lines, with its duration",
        { ...session, message: "duration: 0.512 ms  statement: SELECT ': '\n  FROM t" },
        {
            ...sessionDocument,
            message: "duration: 0.512 ms  statement: SELECT ': '\n  FROM t",
            event: timed(512_000),
            postgresql: { log: { ...sessionLog, query: "SELECT ': '\n  FROM t", query_step: "statement" } },
            pglog: { statement: "SELECT ? FROM t" },
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
        "a plan of auto_explain, whose duration has no statement after it",
        { ...session, message: "duration: 3.250 ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01)" },
        {
            ...sessionDocument,
            message: "duration: 3.250 ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01)",
            event: timed(3_250_000),
            postgresql: { log: sessionLog },
        },
    ],
    [
        "a warning, which is not an error",
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
        "a line of a parallel worker, with the process of its leader",
        { ...session, message: "temporary file: size 8192", backend_type: "parallel worker", leader_pid: 70 },
        {
            ...sessionDocument,
            message: "temporary file: size 8192",
            postgresql: { log: { ...sessionLog, backend_type: "parallel worker", leader_pid: 70 } },
        },
    ],
    [
        "a line of the server itself, without a user and a client",
        {
            pid: 59,
            session_id: "697df29f.3b",
            line_num: 3,
            session_start: "2026-01-31 12:15:27 UTC",
            txid: 0,
            error_severity: "LOG",
            message: "checkpoint complete: wrote 3 buffers (0.0%)",
            backend_type: "checkpointer",
            query_id: 0,
            query_id_text: "0",
            _path: session._path!,
            _offset: 99,
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

const plainFile = "postgresql-2026-01-31_121527-postgres-6d5f.log";
const plainRecord = { _path: `/var/log/postgresql/${plainFile}`, _offset: 512 };
const plainDocument = (message: string, id: string, more: { level?: string } = {}) => ({
    message,
    ecs: sessionDocument.ecs,
    log: { ...more, file: { path: plainRecord._path }, offset: plainRecord._offset },
    event: { ...sessionDocument.event, id },
    service: sessionDocument.service,
    kubernetes: sessionDocument.kubernetes,
    tags: ["postgresql_plain_text"],
});
const lostFile = "lost-2026-01-31_130000-postgres-6d5f.log";
const lostRecord = { _path: `/var/log/postgresql/${lostFile}`, _offset: 0 };
const lostLine =
    "2026-01-31 13:00:00.000 UTC [0] WARNING:  pglog lost 1234 lines, 56789 bytes, of postgresql-2026-01-30_080000-postgres-6d5f.json: removed unread, to keep the volume within its limits";
const cutOff = `{"timestamp":"2026-01-31 12:16:00.123 UTC","user":"app","pid":71,"session_id":"697df2a5.47","line_num":5,"ps":"SELECT","error_severity":"ERROR","message":"value too lo`;

/** Lines that are not jsonlog, with the complete document. */
const plain: [string, LogRecord, object][] = [
    [
        "a line that PostgreSQL wrote before its collector ran",
        { ...plainRecord, log: "2026-01-31 12:15:27.001 UTC [1] LOG:  starting PostgreSQL 17.11" },
        plainDocument(
            "2026-01-31 12:15:27.001 UTC [1] LOG:  starting PostgreSQL 17.11",
            `postgres-6d5f:plain:${plainFile}:512`,
            { level: "LOG" },
        ),
    ],
    [
        "a line of a library, without a level",
        { ...plainRecord, log: `sh: 1: "archive": not found` },
        plainDocument(`sh: 1: "archive": not found`, `postgres-6d5f:plain:${plainFile}:512`),
    ],
    [
        "a truncated line of jsonlog, under the id of the complete line",
        { ...plainRecord, log: cutOff },
        {
            ...plainDocument(cutOff, "postgres-6d5f:697df2a5.47:5", { level: "ERROR" }),
            postgresql: { log: { session_id: "697df2a5.47", session_line_number: 5 } },
        },
    ],
    [
        "the log keeper's report of lines that it removed unread",
        { ...lostRecord, log: lostLine },
        {
            ...plainDocument(lostLine, `postgres-6d5f:plain:${lostFile}:0`, { level: "WARNING" }),
            log: { level: "WARNING", file: { path: lostRecord._path }, offset: 0 },
            event: { ...sessionDocument.event, id: `postgres-6d5f:plain:${lostFile}:0`, action: "lines-lost" },
            pglog: {
                lost: { lines: 1234, bytes: 56_789, file: "postgresql-2026-01-30_080000-postgres-6d5f.json" },
            },
        },
    ],
];

function without(record: LogRecord, name: string): LogRecord {
    return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** A document as it is sent: flat names with dots, and an object only for the id. */
function sent(document: object): object {
    const { "event.id": id, ...others } = Object.fromEntries(leaves(document));
    return { ...others, event: { id } };
}

/** Each leaf of a document with its path. */
function leaves(value: unknown, path: string[] = []): [string, unknown][] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path.join("."), value]];
    return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
}

/** Numbers that look random and are the same for the same seed. */
function mulberry32(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let bits = Math.imul(state ^ (state >>> 15), 1 | state);
        bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
        return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
    };
}

/** A record in which some values were changed, removed or given a different type, and some were added. */
function mutated(samples: LogRecord[], random: (below: number) => number): [string, LogRecord] {
    const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;
    const text = (): string =>
        pick([
            () => "",
            () => pick(["duration: ", "pglog lost ", '{"session_id":"', "2026-01-31 ", "0", "A"]),
            () => String.fromCharCode(...Array.from({ length: random(40) }, () => random(256))),
            () => pick(["A", "a", "1", "f", ":", " ", ".", '"', "\\", "%", "\u0000"]).repeat(random(3000)),
            () =>
                `duration: ${"9".repeat(random(400))}${pick([".", "", "..", ".5"])} ms ${pick(["", "parse a: b", "x"])}`,
            () => `pglog lost ${"9".repeat(random(40))} lines, ${random(9)} bytes, of ${pick(["", "a", "a:"])}: x`,
            () => cutOff.slice(random(cutOff.length)).slice(0, random(cutOff.length)),
            () => "\u{1f418}é".repeat(random(5)),
        ])();
    const value = (depth = 0): LogValue =>
        pick<() => LogValue>([
            text,
            text,
            () => pick([0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 1e15, 1e300, -1e300, NaN, Infinity, -Infinity]),
            () => random(2) === 1,
            () => (depth > 2 ? [] : Array.from({ length: random(3) }, () => value(depth + 1))),
            () => (depth > 2 ? {} : Object.fromEntries([text(), "id"].map((name) => [name, value(depth + 1)]))),
        ])();
    const record: LogRecord = { ...pick(samples) };
    for (let changes = random(6); changes > 0; changes -= 1) {
        const name = pick([...Object.keys(record), "log", "message", "session_id", "line_num", "state_code", text()]);
        // The line does not contain its own position; Fluent Bit adds it.
        if (name === "_path" || name === "_offset") continue;
        if (random(4) === 0) record[name] = undefined as never;
        else record[name] = value();
    }
    const known = Object.fromEntries(Object.entries(record).filter(([, one]) => (one as unknown) !== undefined));
    const place = { _path: known._path as string, _offset: random(2 ** 40) };
    const tag = `postgresql.${pick(["jsonlog", "jsonlog", "jsonlog", "plain", "lost", "other"])}`;
    return [tag, { ...known, ...place }];
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
    let filter: LuaFilter;
    before(async () => {
        filter = await LuaFilter.load();
    });
    const run = (...args: Parameters<LuaFilter["run"]>) => filter.run(...args);
    const id = ({ document }: Processed) => (document.event as { id: string }).id;
    const isPlain = ({ document }: Processed) => JSON.stringify(document.tags) === '["postgresql_plain_text"]';

    for (const [what, record, document] of jsonlog)
        it(`makes a complete document from ${what}`, () => {
            assert.deepEqual(run("jsonlog", record), { code: 2, timestamp: 1769860800.25, document: sent(document) });
        });

    for (const [what, record, document] of plain)
        it(`makes a complete document from ${what}`, () => {
            const expected = sent(document);
            for (const tag of ["plain", "lost"])
                assert.deepEqual(run(tag, record), { code: 2, timestamp: 1769860800.25, document: expected });
            assert.deepEqual(run("jsonlog", record).document, expected, "also among lines of jsonlog");
        });

    it("gives a line the same id, whenever and from wherever it is read", () => {
        const [, record] = jsonlog[0]!;
        const moved = { ...record, _path: `/elsewhere/${(record._path as string).split("/").at(-1)!}`, _offset: 0 };
        assert.equal(id(run("jsonlog", moved, 1)), id(run("jsonlog", record, 2)));
        const [, text] = plain[0]!;
        const mounted = { ...text, _path: `/volume/logs/${plainFile}` };
        assert.equal(id(run("plain", text, 1)), id(run("plain", text, 2)));
        assert.equal(id(run("plain", mounted)), id(run("plain", text)), "wherever the volume is mounted");
    });

    it("gives two lines different ids", () => {
        const elsewhere = "/var/log/postgresql/postgresql-2026-01-31_121528-postgres-6d5f";
        const ids = [
            run("jsonlog", session),
            run("jsonlog", { ...session, line_num: 6 }),
            run("jsonlog", { ...session, session_id: "697df2a5.48" }),
            run("jsonlog", { ...session, _path: `${elsewhere}x.json` }), // a different Pod's process with the same second and number
            run("plain", { ...plainRecord, log: "one" }),
            run("plain", { ...plainRecord, log: "one", _offset: 513 }),
            run("plain", { ...plainRecord, log: "one", _path: `${elsewhere}.log` }),
            run("plain", { ...plainRecord, log: "one", _path: `${elsewhere}.json` }),
            run("lost", { ...lostRecord, log: lostLine }),
            run("lost", { ...lostRecord, log: lostLine, _offset: 180 }),
        ].map(id);
        assert.deepEqual([...new Set(ids)], ids);
    });

    it("treats a damaged record as text, whatever is left of it, with an id from its position", () => {
        const damaged: [LogRecord, string][] = [
            [{}, "a damaged line of jsonlog"],
            [{ message: "half" }, "half"],
            [{ log: "" }, ""],
            [{ session_id: "697df2a5.47" }, "a damaged line of jsonlog"],
            [{ session_id: "697df2a5.47", line_num: "5", message: "a text for a number" }, "a text for a number"],
            [{ session_id: 697, line_num: 5, message: "a number for a text" }, "a number for a text"],
            [{ session_id: "697df2a5.47", line_num: 5.5, message: "a half" }, "a half"],
            [{ session_id: "697df2a5\u0000.47", line_num: 5, message: "an id of many lines" }, "an id of many lines"],
            [{ session_id: "", line_num: 5, message: "no id" }, "no id"],
            [{ log: { nested: "text" } }, "a damaged line of jsonlog"],
            [{ log: 5 }, "a damaged line of jsonlog"],
        ];
        for (const [record, message] of damaged) {
            const processed = run("jsonlog", { ...plainRecord, ...record });
            assert.equal(processed.code, 2);
            assert.ok(isPlain(processed), JSON.stringify(record));
            assert.equal(processed.document.message, message);
            assert.equal(id(processed), `postgres-6d5f:plain:${plainFile}:512`);
        }
    });

    // https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types: Elasticsearch refuses the
    // whole document if it finds one of these in a field for text or a number.
    const noValues: Record<string, LogValue> = {
        "an object": { a: 1 },
        "an empty object": {},
        "a list": [1, 2],
        true: true,
        false: false, // like null in is_whole: Fluent Bit passes null as a value of a different type
        "no number": NaN,
        "more than any number": Infinity,
        "less than any number": -Infinity,
    };
    for (const [what, value] of Object.entries(noValues))
        it(`never sends ${what} in place of a value, in any field`, () => {
            const record: LogRecord = { ...session, message: "the text", detail: "d", cursor_position: 1 };
            const names = Object.keys(record).filter((name) => !name.startsWith("_"));
            for (const name of [...names, "a_new_key"]) {
                const processed = run("jsonlog", { ...record, [name]: value });
                assert.ok(isPlain(processed), name);
                assert.match(id(processed), /^postgres-6d5f:plain:postgresql-.*\.json:1204$/, name);
                assert.equal(
                    processed.document.message,
                    name === "message" ? "a damaged line of jsonlog" : "the text",
                    name,
                );
            }
        });

    it("treats null, as Fluent Bit passes it, as a damaged value", () => {
        // A Lua value that is neither text, number, table nor boolean.
        const made = filter.evaluate(`local _, _, made = document("postgresql.jsonlog", 1,
            { session_id = "697df2a5.47", line_num = 5, message = "the text", detail = print, _path = "/a.json", _offset = 7 })
            return made.event.id .. " " .. made.message .. " " .. made.tags[1]`);
        assert.equal(made, "postgres-6d5f:plain:a.json:7 the text postgresql_plain_text");
    });

    const durations: [string, number | undefined][] = [
        ["duration: 0.001 ms", 1000],
        ["duration: 1.2.3 ms", 0],
        ["duration: . ms", 0],
        ["duration:  1 ms", undefined],
        ["Duration: 1 ms", undefined],
        ["a duration: 1 ms", undefined],
        ["duration: -1 ms", undefined],
    ];
    for (const [message, duration] of durations)
        it(`reads ${JSON.stringify(message)} as ${duration ?? "no"} ns`, () => {
            assert.equal(run("jsonlog", { ...session, message }).document["event.duration"], duration);
        });

    for (const digits of ["9".repeat(14), "9".repeat(20), "9".repeat(400)])
        it(`sends no duration that Elasticsearch refuses with its line: ${digits.length} digits of ms`, () => {
            // Any user can make PostgreSQL log such a message, with RAISE LOG or the text of an error.
            const text =
                filter.evaluate(`local _, _, made = document("postgresql.jsonlog", 1, { session_id = "697df2a5.47",
                line_num = 5, message = "duration: ${digits} ms", _path = "/a.json", _offset = 7 })
                return made.event.id .. " " .. tostring(made["event.duration"])`);
            const [made, duration] = text.split(" ");
            assert.equal(made, "postgres-6d5f:697df2a5.47:5");
            assert.ok(duration === "nil" || Math.abs(Number(duration)) < 2 ** 63, `event.duration ${duration}`);
        });

    describe("a statement without its values", () => {
        const of = (query: string, more: LogRecord = {}) =>
            run("jsonlog", { ...session, message: `duration: 1.000 ms  statement: ${query}`, ...more }).document[
                "pglog.statement"
            ];
        const alike: [string, string[]][] = [
            ["SELECT * FROM t1 WHERE a = ?", ["SELECT * FROM t1 WHERE a = 7", "SELECT * FROM t1 WHERE a = 'x''y'"]],
            [
                "SELECT a FROM t WHERE b IN (?)",
                ["SELECT a FROM t WHERE b IN (1,2, 3)", "SELECT a FROM t\n WHERE b IN ('1')"],
            ],
            [
                "INSERT INTO t VALUES (?), (?)",
                ["INSERT INTO t VALUES (1, 'a'), (2, '')", "INSERT INTO t VALUES (0.5), (2)"],
            ],
            ["SELECT $1, x.y2", ["SELECT $1, x.y2"]],
            ["SELECT ?", ["SELECT ''", "SELECT 1.5"]],
            ["SELECT 'open", ["SELECT 'open"]],
        ];
        for (const [statement, queries] of alike)
            it(`is ${statement}`, () => {
                for (const query of queries) assert.equal(of(query), statement, query);
            });

        it("is sent only if PostgreSQL gave no query_id, and only with a duration", () => {
            assert.equal(of("SELECT 1", { query_id_text: "7610826539163513893" }), undefined);
            assert.equal(of("SELECT 1", { message: "statement: SELECT 1", statement: "SELECT 1" }), undefined);
            assert.equal(of("SELECT 1", { message: "duration: 1.000 ms" }), undefined);
        });

        it("is limited to one kilobyte, and ends between two characters", () => {
            const long = of(`SELECT "${"é".repeat(600)}"`);
            assert.equal(long, `SELECT "${"é".repeat(508)}`);
            filter.evaluate(`local _, _, made = document("postgresql.jsonlog", 1, { session_id = "697df2a5.47", line_num = 5,
                message = "duration: 1.000 ms  statement: " .. ("\\128"):rep(3000), _path = "/a.json", _offset = 7 })
                return tostring(#made["pglog.statement"])`);
        });
    });

    describe("the Pod of a line", () => {
        const kubernetes = (path: string) => {
            const { document } = run("jsonlog", { ...session, _path: `/var/log/postgresql/${path}` });
            return ["kubernetes.pod.name", "kubernetes.pod.uid", "kubernetes.node.name"].map((name) => document[name]);
        };
        const own = ["postgres-6d5f", "0b4d7c1e", "node-1"];
        const paths: [string, (string | undefined)[]][] = [
            ["postgresql-2026-01-31_121527-postgres-6d5f.json", own],
            ["postgresql-2026-01-31_121527-postgres-77aa.json", ["postgres-77aa", undefined, undefined]],
            ["postgresql-2026-01-31_121527-postgres-77aa.log", ["postgres-77aa", undefined, undefined]],
            ["lost-2026-01-31_121527-postgres-77aa.log", ["postgres-77aa", undefined, undefined]],
            ["postgresql-2026-01-31_121527-a.b_000000-c.json", ["a.b_000000-c", undefined, undefined]],
            ["postgresql-16.json", own],
            ["", own],
        ];
        for (const [path, expected] of paths)
            it(`is ${expected[0]} for ${path || "no file"}${expected[1] === undefined ? ", of which it knows no more" : ""}`, () => {
                assert.deepEqual(kubernetes(path), expected);
            });

        it("comes from the file name, also if lines of several Pods are mixed", () => {
            for (const [path, expected] of [...paths, ...paths.toReversed()])
                assert.deepEqual(kubernetes(path), expected);
        });

        it("is part of the id, so lines of two Pods differ", () => {
            const path = "/var/log/postgresql/postgresql-2026-01-31_121527-postgres-77aa";
            assert.equal(id(run("jsonlog", { ...session, _path: `${path}.json` })), "postgres-77aa:697df2a5.47:5");
            assert.equal(
                id(run("plain", { _path: `${path}.log`, _offset: 3, log: "text" })),
                "postgres-77aa:plain:postgresql-2026-01-31_121527-postgres-77aa.log:3",
            );
        });

        it("is separate for each record without a position", async () => {
            const first = await LuaFilter.load();
            assert.deepEqual(first.problems([["postgresql.plain", { log: "text" }]]), []);
            assert.deepEqual(first.problems([["postgresql.jsonlog", { ...without(session, "_path") }]]), []);
        });
    });

    describe("the positions for the log keeper", () => {
        const one = "postgresql-2026-01-31_121527-postgres-6d5f.json";
        const two = "postgresql-2026-01-31_121527-postgres-77aa.log";
        const line = (name: string, offset: number, what: LogRecord = session): LogRecord => ({
            ...what,
            _path: `/var/log/postgresql/${name}`,
            _offset: offset,
        });
        // As the shell reads it: without the leading spaces.
        const read = (lua: LuaFilter, name: string) => lua.readFile(`/state/positions/${name}`)?.trimStart();

        it("are written with each line: the last one of each file", async () => {
            const lua = await LuaFilter.load();
            lua.run("jsonlog", line(one, 2_000_000_000));
            assert.deepEqual([read(lua, one), read(lua, two)], ["2000000000", undefined]);
            lua.run("plain", line(two, 0, { log: "text" }));
            assert.deepEqual([read(lua, one), read(lua, two)], ["2000000000", "0"]);
            lua.run("jsonlog", line(one, 30, { message: "damaged" }));
            assert.deepEqual([read(lua, one), read(lua, two)], ["30", "0"], "the old positions are all replaced");
        });

        it("continue from those of the previous run", async () => {
            const lua = await LuaFilter.load({ files: { [`/state/positions/${one}`]: "     2000000000" } });
            assert.equal(read(lua, one), "2000000000");
            lua.run("jsonlog", line(one, 7));
            assert.equal(read(lua, one), "7");
        });

        it("are whole numbers, also for files of terabytes", async () => {
            const lua = await LuaFilter.load();
            lua.run("jsonlog", line(one, 123_456_789_012_345));
            assert.equal(read(lua, one), "123456789012345");
        });

        it("keep few files open, and lose none of them", async () => {
            const lua = await LuaFilter.load();
            const names = Array.from({ length: 200 }, (_, i) => `postgresql-2026-01-31_121527-pod-${i}.json`);
            lua.evaluate(`opened, real = 0, io.open
                io.open = function(...)
                  local file = real(...)
                  if file then opened = opened + 1 end
                  return file
                end
                local files = debug.getmetatable(io.stdout).__index
                local close = files.close
                files.close = function(file)
                  opened = opened - 1
                  return close(file)
                end
                most = 0
                return ""`);
            for (const round of [1, 2])
                for (const [i, name] of names.entries()) {
                    lua.run("jsonlog", line(name, 1000 * round + i));
                    lua.evaluate('most = math.max(most, opened) return ""');
                }
            assert.ok(Number(lua.evaluate("return tostring(most)")) <= 64);
            for (const [i, name] of names.entries()) assert.equal(read(lua, name), String(2000 + i));
        });

        it("never block a line: without a directory, or on a full volume", async () => {
            for (const variables of [{ POSITIONS: undefined }, { POSITIONS: "/nowhere" }]) {
                const lua = await LuaFilter.load({ variables });
                for (let i = 0; i < 100; i += 1) assert.equal(lua.run("jsonlog", line(`${i}.json`, i)).code, 2);
            }
            const lua = await LuaFilter.load();
            lua.evaluate(`debug.getmetatable(io.stdout).__index.write = function() return nil, "No space left on device", 28 end
                return ""`);
            assert.deepEqual(lua.problems([["postgresql.jsonlog", line(one, 5)]]), []);
        });
    });

    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    it(`raises no error and gives an id, whatever the input: 20,000 records of SEED=${seed}`, function () {
        this.timeout(60_000);
        const random = mulberry32(seed);
        const samples = [...jsonlog, ...plain].map(([, record]) => record);
        let done = 0;
        while (done < 20_000) {
            const records = Array.from({ length: 200 }, () => mutated(samples, random));
            const problems = filter.problems(records);
            if (problems.length > 0) {
                const [index] = problems[0]!.split(":");
                assert.fail(`${problems[0]!}, of ${JSON.stringify(records[Number(index)])}`);
            }
            done += records.length;
        }
    });

    describe("takes time proportional to the length of the line", () => {
        const length = 1_000_000;
        const most = (100 * length) / 1000;
        const runs: [string, string][] = [
            ["capitals", "A"],
            ["letters", "a"],
            ["digits", "1"],
            ["hex digits", "697df2a5"],
            ["dots and digits", "1."],
            ["colons", ":"],
            ["colons and spaces", ": "],
            ["spaces", " "],
            ["quotes", '"'],
            ["slashes", "/"],
            ["passwords", "password "],
            ["passwords in quotes", "password '"],
            ["passwords in comments", "password /*"],
            ["passwords in tags", "password $a$b"],
            ["passwords of URIs", "://a:b@"],
            ["roles", "alter role "],
            ["backslashes", "\\"],
        ];
        const before: [string, string][] = [
            ["by itself", ""],
            ["after a duration", "duration: "],
            ["after a duration's milliseconds", "duration: 1 ms "],
            ["after a duration's step", "duration: 1 ms  statement"],
            ["after a prefix", "2026-01-31 12:00:00.000 UTC "],
            ["after a process", "2026-01-31 12:00:00.000 UTC [1] "],
            ["after a key of jsonlog", '{"session_id":"'],
            ["after a lost line's beginning", "pglog lost "],
            ["after a password", "password "],
            ["after the quote of a password", "ALTER ROLE a PASSWORD '"],
            ["after the quote of a password in a string", "ALTER ROLE a PASSWORD ''"],
            ["after the password of a connection string", "password="],
            ["after the comment of a password", "password /*"],
            ["after a scheme", "://"],
        ];
        let measured: LuaFilter;
        beforeEach(async () => {
            measured = await LuaFilter.load({ measured: true });
        });

        for (const [what, unit] of runs)
            it(`for 1 MB of ${what}`, function () {
                this.timeout(60_000);
                for (const [where, start] of before) {
                    const text = start + unit.repeat(length / unit.length);
                    const cost = [
                        measured.cost("jsonlog", { ...session, message: text }, most),
                        measured.cost("plain", { ...plainRecord, log: text }, most),
                    ];
                    assert.ok(Math.max(...cost) < most, `${where}: ${cost.join(" and ")} thousand instructions`);
                }
            });

        it("the measure would show it", async () => {
            // An earlier version had this pattern, which tries each start of a run to its end.
            const slow = renderLua().replace("match(start, prefix)", 'match(text, "(%u+):  ")');
            assert.notEqual(slow, renderLua());
            const lua = await LuaFilter.load({ text: slow, measured: true });
            const few = 10_000;
            assert.ok(
                lua.cost("plain", { ...plainRecord, log: "A".repeat(few) }, (100 * few) / 1000) > (100 * few) / 1000,
            );
        });

        it("the measure finds the same matches as Lua", () => {
            for (const [, record] of jsonlog) assert.deepEqual(measured.run("jsonlog", record), run("jsonlog", record));
            for (const [, record] of plain) assert.deepEqual(measured.run("plain", record), run("plain", record));
        });
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
            ...jsonlog.map(([, record]) => run("jsonlog", record).document),
            ...plain.map(([, record]) => run("plain", record).document),
        ];

        it("has a field of a suitable type for every value of every document, so none is refused", () => {
            for (const [path, value] of documents().flatMap((document) => leaves(document)))
                assert.ok(
                    fits[types[path] ?? ""]?.(value),
                    `${path} is mapped as ${types[path] ?? "nothing"}, and came as ${JSON.stringify(value)}`,
                );
        });

        it("has no field that no line fills, except other names, and the time, which the output adds", () => {
            const filled = new Set(documents().flatMap((document) => leaves(document).map(([path]) => path)));
            assert.deepEqual(
                Object.keys(types).filter((path) => !filled.has(path) && !(path in aliases)),
                ["@timestamp"],
            );
        });

        it("has each field once; none is an object elsewhere", () => {
            const paths = [...fields.map(({ path }) => path), ...Object.keys(aliases)];
            assert.deepEqual(paths.toSorted(), Object.keys(types).toSorted());
            for (const path of paths)
                assert.equal(
                    paths.some((other) => other.startsWith(`${path}.`)),
                    false,
                    `${path} is a value and an object`,
                );
        });

        it("has other names only for fields of the document", () => {
            for (const target of Object.values(aliases))
                assert.ok(
                    fields.some(({ path }) => path === target),
                    target,
                );
        });

        it("guesses no types, and refuses no document because of a long value", () => {
            const { dynamic, date_detection, ...mapping } = renderMappings();
            assert.deepEqual({ dynamic, date_detection }, { dynamic: false, date_detection: false });
            const keywords = JSON.stringify(mapping).match(/\{"type":"keyword"[^}]*\}/g)!;
            assert.deepEqual([...new Set(keywords)], ['{"type":"keyword","ignore_above":1024}']);
        });
    });

    it("has one object, where the output finds the id; all other names are flat", () => {
        for (const document of [
            ...jsonlog.map(([, record]) => run("jsonlog", record).document),
            ...plain.map(([, record]) => run("plain", record).document),
        ])
            for (const [name, value] of Object.entries(document))
                if (name === "event") assert.deepEqual(Object.keys(value as object), ["id"]);
                else assert.ok(typeof value !== "object" || Array.isArray(value), name);
        assert.equal(idKey, "$event['id']");
    });

    it("is the same text each time, without a clock or a counter", () => {
        assert.equal(renderLua(), renderLua());
        assert.doesNotMatch(renderLua(), /os\.(time|clock|date)|math\.random|\bgoto\b|\/\/|<const>/);
        assert.doesNotMatch(renderLua(), /-- fields of/, "both tables are filled in");
    });
});
