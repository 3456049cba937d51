import assert from "node:assert/strict";
import { needsRestart, reservedParameter, type ParameterValue } from "../../components/postgres/config";
import { Namespace } from "../e2e/namespace";
import { TestStack } from "../e2e/stack";
import { SteadyClient } from "../e2e/steadyClient";

interface Parameter {
    name: string;
    context: string;
    type: "bool" | "integer" | "real" | "enum" | "string";
    setting: string;
    max: string | null;
    choices: string[] | null;
}

/** Parameters that a client would notice, that depend on each other, or that this server was not built for. */
const leftOut =
    /^(log_statement_stats|statement_timeout|lock_timeout|idle_|transaction_|client_connection_|authentication_|pre_auth_|post_auth_|tcp_|debug_|trace_|exit_on_error|autovacuum_work_mem|event_triggers|sync_replication_slots|vacuum_defer_cleanup_age|krb_|default_toast)/;
/** Values for parameters whose value is a text. */
const texts: Record<string, ParameterValue> = {
    backtrace_functions: "a_function",
    dynamic_library_path: "$libdir:/tmp",
    lc_messages: "C",
    session_preload_libraries: "auto_explain",
    wal_consistency_checking: "heap",
};

/** A value that the parameter does not have now; undefined if none is sure to be right. */
function differentValue({ name, type, setting, max, choices }: Parameter): ParameterValue | undefined {
    if (type === "string") return texts[name];
    if (type === "bool") return setting !== "on";
    if (type === "enum") return choices!.find((one) => one !== setting);
    return Number(setting) < Number(max) ? Math.floor(Number(setting)) + 1 : undefined;
}

/** Values that the configuration's loader cannot judge, in parts that are tried together. */
const wrong: Record<string, ParameterValue>[] = [
    {
        DateStyle: "nonsense",
        TimeZone: "Nowhere/Land",
        timezone_abbreviations: "Nowhere",
        synchronous_standby_names: "FIRST (",
        client_encoding: "nonsense",
    },
    {
        lc_messages: "nowhere",
        lc_monetary: "nowhere",
        lc_numeric: "nowhere",
        lc_time: "nowhere",
        DateStyle: "ISO, DMY, YMD",
    },
    {
        search_path: '"public',
        temp_tablespaces: '"one',
        createrole_self_grant: "nonsense",
        TimeZone: "interval 'x'",
    },
    {
        restrict_nonsystem_relation_kind: "x",
        primary_slot_name: "No Name",
        backtrace_functions: "a-b",
        default_table_access_method: "",
        synchronous_standby_names: "0 (a)",
    },
    { wal_consistency_checking: "nonsense_resource" },
    { session_preload_libraries: "auto_explain, no_such_library", local_preload_libraries: "no_such_plugin" },
];
/** The server's words for values that it does not call an invalid value of the parameter. */
const words: Record<string, string> = {
    "interval 'x'": 'timezone: invalid input syntax for type interval: "x"',
    // Only a running server knows the names of the resources.
    nonsense_resource: "wal_consistency_checking = nonsense_resource: setting could not be applied",
    "0 (a)": "synchronous_standby_names: number of synchronous standbys (0) must be greater than zero",
    "auto_explain, no_such_library": 'session_preload_libraries: could not access file "no_such_library"',
    no_such_plugin: 'local_preload_libraries: could not access file "$libdir/plugins/no_such_plugin"',
};
const refusal = (name: string, value: ParameterValue) =>
    words[String(value)] ?? `invalid value for parameter "${name}": "${value}"`;

/** Settings have names in lower case, also where PostgreSQL's own name is different. */
const lowerCase = (settings: Record<string, ParameterValue>) =>
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value]));

/** One stack; each test goes on from the one before. */
describe("every parameter that a running server takes up", () => {
    const stack = new TestStack({
        protectData: false,
        postgresCpu: "100m",
        postgresMemory: "384Mi",
        storageSize: "1Gi",
        services: ["ClusterIP", "NodePort"],
        shipper: "none",
        postgresSettings: { jit: false },
    });
    const cluster = new Namespace(stack.namespace);
    let client: SteadyClient | undefined;
    let pod: { name: string; uid: string };

    const podNow = async () => {
        const { metadata, status } = await cluster.postgresPod();
        const { restartCount } = status.containerStatuses!.find(({ name }) => name === "postgres")!;
        return { name: metadata.name, uid: metadata.uid, restartCount };
    };
    const assertNotRestarted = async () => {
        assert.deepEqual(await podNow(), { ...pod, restartCount: 0 });
    };
    const assertNotNoticed = async (since: number) => {
        assert.deepEqual(client!.errors, []);
        assert.ok(client!.queries > since, "no query in this time");
        await assertNotRestarted();
    };
    const timed = async <T>(what: string, act: () => Promise<T>) => {
        const start = Date.now();
        const result = await act();
        console.log(`      ${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
        return result;
    };
    const failedUp = async () => {
        const { status, text } = await stack.pulumi("up", "--yes", "--skip-preview");
        assert.notEqual(status, 0, text);
        return text;
    };
    const shown = (name: string) => cluster.sql(`SHOW ${name}`);

    before(async () => {
        await stack.up();
        pod = await podNow();
        client = await SteadyClient.start(await SteadyClient.address(stack, cluster));
    });
    after(async () => {
        if (client !== undefined) console.log(`      ${client.queries} queries, each in a new session`);
        await client?.stop();
        await stack.remove();
    });

    it("the keys of the configuration: no connection is lost, and they are live when `up` returns", async () => {
        const { queries } = client!;
        stack.set({ logMinDuration: 123 });
        await timed("logMinDuration", () => stack.up());
        assert.equal(await client!.shows("log_min_duration_statement"), "123ms");
        stack.set({ logStatement: "mod" });
        await timed("logStatement", () => stack.up());
        assert.equal(await client!.shows("log_statement"), "mod");
        stack.set({ postgresSettings: {} });
        await timed("postgresSettings", () => stack.up());
        assert.equal(await client!.shows("jit"), "on");
        await assertNotNoticed(queries);
    });

    for (const contexts of [["sighup"], ["user"], ["superuser", "superuser-backend", "backend"]])
        it(`40 parameters or more of the contexts ${contexts.join(", ")}`, async () => {
            const { queries } = client!;
            const rows = JSON.parse(
                await cluster.sql(`SELECT json_agg(p) FROM (
                    SELECT name, context, vartype AS type, setting, max_val AS max, enumvals AS choices FROM pg_settings
                    WHERE context IN ('${contexts.join("', '")}') ORDER BY name) AS p`),
            ) as Parameter[];
            const changed = rows
                .filter(({ name }) => !leftOut.test(name) && !needsRestart(name, 17))
                .map((row) => ({ name: row.name, value: differentValue(row) }))
                .filter(({ name, value }) => value !== undefined && reservedParameter(name, value) === undefined);
            console.log(`      ${changed.length} parameters`);
            assert.ok(changed.length >= 40, `${changed.length} parameters`);
            stack.set({ postgresSettings: Object.fromEntries(changed.map(({ name, value }) => [name, value])) });
            await timed(contexts[0]!, () => stack.up());
            const live = JSON.parse(
                await cluster.sql("SELECT json_object_agg(name, setting) FROM pg_settings"),
            ) as Record<string, string>;
            const isLive = (name: string, value: ParameterValue) =>
                typeof value === "number"
                    ? Math.abs(Number(live[name]) - value) < 0.5
                    : live[name] === (typeof value === "boolean" ? (value ? "on" : "off") : value);
            assert.deepEqual(
                changed
                    .filter(({ name, value }) => !isLive(name, value!))
                    .map((one) => ({ ...one, is: live[one.name] })),
                [],
            );
            await assertNotNoticed(queries);
        });

    for (const settings of wrong)
        it(`keeps what it has where the server refuses ${Object.keys(settings).join(", ")}, and \`up\` says why`, async () => {
            const { queries } = client!;
            const before = await shown("log_min_duration_statement");
            stack.set({ logMinDuration: 77, postgresSettings: lowerCase(settings) });
            const text = await timed("refusal", failedUp);
            assert.match(text, /PostgreSQL refuses this configuration, and goes on with the one before it/);
            for (const [name, value] of Object.entries(settings))
                assert.ok(text.includes(refusal(name, value)), `${name}\n${text}`);
            assert.equal(await client!.shows("log_min_duration_statement"), before);
            await assertNotNoticed(queries);
        });

    it("says when ALTER SYSTEM gives a parameter a different value", async () => {
        const { queries } = client!;
        await cluster.sql("ALTER SYSTEM SET random_page_cost = 3");
        stack.set({ logMinDuration: 77, postgresSettings: { random_page_cost: 2 } });
        assert.match(await failedUp(), /ALTER SYSTEM gives these parameters other values .*: random_page_cost\. Run/);
        await cluster.sql("ALTER SYSTEM RESET random_page_cost");
        await stack.up();
        assert.equal(await shown("random_page_cost"), "2");
        assert.equal(await shown("log_min_duration_statement"), "77ms");
        await assertNotNoticed(queries);
    });

    for (const [settings, reason] of [
        [{ shared_preload_libraries: "no_such_library" }, 'could not access file "no_such_library"'],
        [{ ssl: true }, 'could not load server certificate file "server.crt"'],
    ] as const)
        it(`starts with the configuration before where it refuses ${JSON.stringify(settings)}, also again`, async () => {
            const before = await shown("random_page_cost");
            stack.set({ postgresSettings: { ...settings, random_page_cost: 2.5 } });
            const text = await failedUp();
            assert.ok(text.includes(`goes on with the one before it: ${reason}`), text);
            await cluster.kubectl("delete", "pod", (await podNow()).name);
            await cluster.postgresPod();
            assert.equal(await shown("random_page_cost"), before);
        });

    it("restarts PostgreSQL once where a parameter of both kinds changes", async () => {
        const { uid } = await podNow();
        stack.set({ postgresSettings: { max_wal_senders: 5, random_page_cost: 1.5 } });
        await timed("restart", () => stack.up());
        pod = await podNow();
        assert.notEqual(pod.uid, uid);
        await assertNotRestarted();
        assert.deepEqual([await shown("max_wal_senders"), await shown("random_page_cost")], ["5", "1.5"]);
    });
});
