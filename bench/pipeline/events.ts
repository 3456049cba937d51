import type { LogEvent } from "./jsonlog";
import type { Random } from "./random";
import type { Session } from "./sessions";
import { statement } from "./statements";

/** A signed 64-bit identifier as text, because JavaScript's numbers would round it. */
const queryId = (random: Random) =>
    BigInt.asIntN(
        64,
        (BigInt(random.between(0, 2 ** 32 - 1)) << 32n) | BigInt(random.between(0, 2 ** 32 - 1)),
    ).toString();

/** The line that `log_min_duration_statement = 0` writes for each statement. */
export function statementEvent(random: Random): LogEvent {
    const { command, text } = statement(random);
    const milliseconds = (0.05 + random.next() ** 4 * 400).toFixed(3);
    return {
        severity: "LOG",
        message: `duration: ${milliseconds} ms  statement: ${text}`,
        ps: command,
        virtual: 0, // its transaction has ended
        queryId: queryId(random),
    };
}

const failures: readonly ((random: Random) => Omit<LogEvent, "severity" | "ps">)[] = [
    (random) => {
        const key = random.between(1, 999999);
        return {
            state: "23505",
            message: 'duplicate key value violates unique constraint "orders_pkey"',
            detail: `Key (id)=(${key}) already exists.`,
            statement: `INSERT INTO orders (id, customer_id, state) VALUES (${key}, ${random.between(1, 99999)}, 'open')`,
            transaction: random.between(700, 4000000),
        };
    },
    (random) => ({
        state: "42P01",
        queryId: "0", // it was not understood
        message: `relation "report_${random.between(1, 60)}" does not exist`,
        statement: "SELECT * FROM report_1",
        cursor: 15,
    }),
    (random) => {
        const [one, other] = [random.between(1000, 9999), random.between(1000, 9999)];
        return {
            state: "40P01",
            message: "deadlock detected",
            detail: `Process ${one} waits for ShareLock on transaction 91823; blocked by process ${other}.\nProcess ${other} waits for ShareLock on transaction 91822; blocked by process ${one}.`,
            hint: "See server log for query details.",
            context: `while updating tuple (${random.between(0, 99)},${random.between(1, 60)}) in relation "inventory"`,
            statement: "UPDATE inventory SET reserved = reserved - 1 WHERE sku = 'SKU-481516' AND warehouse_id = 23",
            transaction: random.between(700, 4000000),
        };
    },
];

/** The line of a failed statement. */
export function errorEvent(random: Random, { transaction }: Session): LogEvent {
    const failure = random.pick(failures)(random);
    const ps = failure.statement?.slice(0, 6);
    return { severity: "ERROR", ps, virtual: transaction, queryId: queryId(random), ...failure };
}

/** The lines at the start of a connection, in order (`log_connections = on`). */
export function connectionEvents(session: Session): LogEvent[] {
    const { host, port, user, database, application } = session;
    return [
        {
            severity: "LOG",
            message: `connection received: host=${host} port=${port}`,
            ps: "",
            backend: "not initialized",
            known: "address",
        },
        {
            severity: "LOG",
            message: `connection authenticated: identity="${user}" method=scram-sha-256 (/etc/postgresql/pg_hba.conf:4)`,
            ps: "authentication",
            virtual: 1,
            known: "user",
        },
        {
            severity: "LOG",
            message: `connection authorized: user=${user} database=${database} application_name=${application}`,
            ps: "authentication",
            virtual: 1,
            known: "user",
        },
    ];
}

/** The line at the end of a connection (`log_disconnections = on`). */
export function disconnectionEvent(session: Session, now: number): LogEvent {
    const seconds = now / 1000 - session.start;
    const clock = new Date(seconds * 1000).toISOString().slice(11, 23);
    const { user, database, host, port } = session;
    return {
        severity: "LOG",
        message: `disconnection: session time: ${clock.replace(/^0/, "")} user=${user} database=${database} host=${host} port=${port}`,
        ps: "idle",
    };
}

/** A line of the checkpointer. */
export function checkpointEvent(random: Random): LogEvent {
    const buffers = random.between(20, 16000);
    return {
        severity: "LOG",
        message: random.pick([
            "checkpoint starting: time",
            `checkpoint complete: wrote ${buffers} buffers (${(buffers / 163.84).toFixed(1)}%); 0 WAL file(s) added, 0 removed, ${random.between(0, 30)} recycled; write=${(random.next() * 270).toFixed(3)} s, sync=0.012 s, total=${(random.next() * 271).toFixed(3)} s; sync files=${random.between(3, 90)}, longest=0.004 s, average=0.001 s; distance=${random.between(100, 500000)} kB, estimate=${random.between(100, 500000)} kB; lsn=0/1A2B3C4D, redo lsn=0/1A2B0000`,
        ]),
        backend: "checkpointer",
    };
}
