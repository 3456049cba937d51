import assert from "node:assert/strict";
import fc from "fast-check";
import { renderLua } from "../../../components/logs/document";
import { LuaFilter, type LogRecord } from "../../support/lua";
import { kept, ordinary, secret, statements } from "../../support/passwords";
import { spelledPassword } from "../../support/spelledPassword";

const line: LogRecord = { session_id: "697df2a5.47", line_num: 5, _path: "/var/log/postgresql/a.json", _offset: 7 };

/** The texts of a line in which a statement arrives. */
const places: Record<string, (statement: string) => LogRecord> = {
    log_statement: (statement) => ({ message: `statement: ${statement}` }),
    "a duration": (statement) => ({ message: `duration: 1.250 ms  statement: ${statement}` }),
    "a prepared statement": (statement) => ({ message: `duration: 1.250 ms  execute p1: ${statement}` }),
    "an error": (statement) => ({ message: 'role "app" does not exist', state_code: "42704", statement }),
    "a function's error": (statement) => ({
        message: "permission denied",
        context: `SQL statement "${statement}"\nPL/pgSQL function f() line 1 at EXECUTE`,
        statement: "SELECT f()",
    }),
    "an internal query": (statement) => ({ message: "syntax error", internal_query: statement }),
    "a parameter": (statement) => ({
        message: "execute <unnamed>: SELECT run($1)",
        detail: `Parameters: $1 = '${statement.replaceAll("'", "''")}'`,
    }),
    "a hint": (hint) => ({ message: "failed", hint }),
};

describe("passwords in a line", () => {
    let filter: LuaFilter;
    before(async () => {
        filter = await LuaFilter.load();
    });

    const documentOf = (record: LogRecord) => filter.run("jsonlog", { ...line, ...record }).document;
    const plain = (log: string) => filter.run("plain", { ...line, log }).document.message as string;
    const rawLine = (record: LogRecord) => JSON.stringify({ ...line, ...record });

    const shows = (document: unknown, texts: string[]) => {
        const json = JSON.stringify(document);
        return texts.filter((text) => json.includes(JSON.stringify(text).slice(1, -1)));
    };

    for (const [place, record] of Object.entries(places))
        it(`are masked in ${place}, in ${Object.keys(statements).length} spellings`, () => {
            for (const [what, statement] of Object.entries(statements)) {
                assert.deepEqual(shows(record(statement), [secret]).length, 1, `${what}: the line has no password`);
                assert.deepEqual(shows(documentOf(record(statement)), [secret]), [], `${what}: ${statement}`);
            }
        });

    it("are masked in a line of jsonlog that is cut off, wherever it is", () => {
        for (const [what, statement] of Object.entries(statements)) {
            const whole = rawLine({ message: `statement: ${statement}` });
            const cut = whole.slice(0, whole.indexOf(secret) + secret.length);
            for (const text of /password|:\/\//i.test(cut) ? [whole, cut] : [whole])
                assert.ok(!plain(text).includes(secret), `${what}: ${text}`);
        }
    });

    it("are masked in whatever way they are generated", () => {
        fc.assert(
            fc.property(spelledPassword, fc.constantFrom(...Object.keys(places)), ({ statement, parts }, place) => {
                const record = places[place]!(statement);
                assert.deepEqual(shows(documentOf(record), parts), [], place);
                assert.deepEqual(shows(plain(rawLine(record)), parts), [], "a line that is not valid");
            }),
            { numRuns: 2000 },
        );
    }).timeout(60_000);

    it("are masked with the rest of the text; its beginning stays", () => {
        for (const [text, masked] of kept) assert.equal(documentOf({ message: text }).message, masked);
    });

    it("are not seen in a text without one", () => {
        for (const text of ordinary) {
            assert.equal(documentOf({ message: text }).message, text);
            assert.equal(plain(text), text);
        }
    });

    it("are not in the statement without values either", () => {
        const document = documentOf({ message: "duration: 1.000 ms  statement: ALTER ROLE app PASSWORD 'secret'" });
        assert.equal(document["pglog.statement"], "ALTER ROLE app PASSWORD ***");
        assert.equal(document["postgresql.log.query"], "ALTER ROLE app PASSWORD ***");
    });

    it("do not change the id of a line", () => {
        const id = (log: string) => filter.run("plain", { ...line, log }).document.event;
        assert.deepEqual(
            id(`{"user":"o'neil","session_id":"697df2a5.47","line_num":5,"message":"'PASSWORD ' || 'secret'"}`),
            { id: "postgres-6d5f:697df2a5.47:5" },
        );
    });

    describe("that a syntax error repeats", () => {
        const messages: [message: string, statement: string, masked: string][] = [
            [`syntax error at or near "${secret}"`, `ALTER ROLE a PASSWORD ${secret}`, `syntax error at or near ***`],
            [
                `syntax error at or near ""${secret}""`,
                `ALTER ROLE a PASSWORD "${secret}"`,
                `syntax error at or near ***`,
            ],
            [
                `unterminated quoted string at or near "'${secret}"`,
                `ALTER ROLE a PASSWORD '${secret}`,
                `unterminated quoted string at or near ***`,
            ],
            [`Syntaxfehler bei »${secret}«`, `ALTER ROLE a PASSWORD ${secret} LOGIN`, `Syntaxfehler bei ***`],
        ];
        for (const [message, statement, masked] of messages)
            it(`are masked in ${message.replace(secret, "…")}`, () => {
                assert.equal(documentOf({ message, statement }).message, masked);
            });
    });

    describe("that are parameters", () => {
        const detail = `Parameters: $1 = '${secret}', $2 = '7'`;
        const message = (statement: string) => `duration: 1.000 ms  execute <unnamed>: ${statement}`;

        it("are masked with all others", () => {
            for (const statement of [
                "UPDATE users SET password = $1 WHERE id = $2",
                "SELECT dblink_connect('host=db password=' || $1)",
                "SELECT set_config('app.password', $1, false)",
                "SELECT run(format('ALTER ROLE app PASSWORD %L', $1))",
            ])
                assert.equal(
                    documentOf({ message: message(statement), detail })["postgresql.log.detail"],
                    "***",
                    statement,
                );
        });

        it("are masked in the context of an error", () => {
            const context = `unnamed portal with parameters: $1 = '${secret}', $2 = '7'`;
            const document = documentOf({ message: "failed", context, statement: "UPDATE users SET password = $1" });
            assert.equal(document["postgresql.log.context"], "unnamed portal with parameters: ***");
        });

        it("stay if none is a password", () => {
            const document = documentOf({ message: message("SELECT $1, password FROM t"), detail });
            assert.equal(document["postgresql.log.detail"], detail);
        });
    });

    it("are masked in the row that an error repeats", () => {
        const detail = `Failing row contains (1, ${secret}).`;
        const statement = "UPDATE users SET password = 'x' || upper(name)";
        const document = documentOf({ message: 'null value in column "id"', state_code: "23502", detail, statement });
        assert.equal(document["postgresql.log.detail"], "***");
    });

    it("are masked also in the name of a database and of an application", () => {
        const document = documentOf({
            message: "connection authorized",
            application_name: `postgresql://app:${secret}@db`,
            dbname: `dbname=app password=${secret}`,
        });
        assert.equal(document["postgresql.log.application_name"], "postgresql://app:***");
        assert.equal(document["postgresql.log.database"], "dbname=app password=***");
    });

    it("that cannot be looked for cost the text and not the line", async () => {
        const broken = await LuaFilter.load({ text: renderLua().replace("lower(text)", "nothing(text)") });
        const log = "ALTER ROLE app PASSWORD 'secret'";
        const { document } = broken.run("plain", { ...line, log });
        assert.equal(document.message, "a line that may contain a password and cannot be read");
        assert.deepEqual(broken.problems([["postgresql.jsonlog", { ...line, message: log }]]), []);
    });
});
