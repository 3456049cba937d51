import assert from "node:assert/strict";
import { containsCidr, mergeCidr } from "cidr-tools";
import { writeFileSync } from "node:fs";
import { levelNames, type Level } from "../../report/effect";
import { planFromPreview } from "../../report/source/preview";
import { reportOf } from "../../report/report";
import { bases, defaultClass, edits, type Values } from "../report/edits";
import { observations, observedFile } from "../support/editsTable";
import { ProjectCopy } from "../support/projectCopy";
import { Namespace } from "./namespace";
import { Connections } from "./connections";
import { noProvider, noShipper } from "./environment";
import { run } from "./run";
import { TestStack } from "./stack";

/** The state of a stack that an edit can remove or move. */
interface State {
    /** True if the row written before is still there. */
    data: "kept" | "lost" | "unreachable";
    /** True if the clients' database has that row. */
    seen: boolean;
    postgresPod: string | undefined;
    elasticsearchPod: string | undefined;
    logVolumes: string[];
    password: string;
    services: Record<string, Service>;
}

interface Service {
    address: string;
    ports: string;
    open: string[];
}

/**
 * Each edit of the catalogue whose effects a cluster can show: the report of its preview must predict exactly what then
 * happens to the data, the connections, the addresses and the password.
 */
for (const kind of ["database", "shipping"] as const)
    describe(`the report's predictions for edits to a stack with ${kind === "database" ? "PostgreSQL alone" : "a shipper"}`, function () {
        const stack = new TestStack(bases[kind]);
        let namespace = stack.namespace;
        const watcher = new Namespace(`${stack.namespace}-watcher`);
        const observed: Record<string, string> = {};
        const shown = edits.filter(
            ({ base, notShown }) =>
                notShown === undefined &&
                (kind === "shipping" ? base === "shipping" : base === "database" || base === "protected"),
        );

        before(async function () {
            const reason = noProvider ?? (kind === "shipping" ? noShipper : undefined);
            if (reason !== undefined) {
                console.log(`      skipped: ${reason}`);
                this.skip();
            }
            await stack.up();
            await run("kubectl", ["create", "namespace", watcher.namespace]);
            await watcher.startClient();
        });
        after(async () => {
            await stack.remove();
            await run("kubectl", ["delete", "namespace", watcher.namespace, "--wait=false"]);
            if (process.env.UPDATE_OBSERVED === "1")
                writeFileSync(observedFile, `${JSON.stringify({ ...observations(), ...observed }, null, 4)}\n`);
        });

        async function stateOf(): Promise<State> {
            const cluster = new Namespace(namespace);
            const { connectionUri } = await stack.outputs();
            const count = async (database: string) => {
                const psql = ["psql", "--username=postgres", `--dbname=${database}`, "--no-psqlrc", "-qAt"];
                const asked = await run("kubectl", [
                    ...["--namespace", namespace, "exec", "deployment/postgres", "--container", "postgres", "--"],
                    ...[...psql, "-c", "select count(*) from kept"],
                ]);
                if (asked.status === 0) return asked.stdout.trim();
                return asked.stderr.includes("does not exist") ? "0" : undefined;
            };
            const pods = await cluster.get<{ items: { metadata: { uid: string; labels: Record<string, string> } }[] }>(
                "pods",
            );
            const podOf = (name: string) =>
                pods.items.find(({ metadata }) => metadata.labels["app.kubernetes.io/name"] === name)?.metadata.uid;
            const claims = await cluster.get<{ items: { metadata: { name: string; uid: string } }[] }>("pvc");
            const runs = podOf("postgres") !== undefined; // without a Pod, kubectl waits for one
            const inApp = runs ? await count("app") : undefined;
            const uri = new URL(connectionUri);
            return {
                data: inApp === undefined ? "unreachable" : inApp === "1" ? "kept" : "lost",
                seen: runs && (await count(uri.pathname.slice(1))) === "1",
                postgresPod: podOf("postgres"),
                elasticsearchPod: podOf("elasticsearch"),
                logVolumes: claims.items
                    .filter(({ metadata }) => metadata.name !== "postgres-data")
                    .map(({ metadata }) => metadata.uid),
                password: uri.password,
                services: await servicesOf(cluster),
            };
        }

        /** The provider considers a Deployment done while the Pod of its new revision still starts. */
        async function settled() {
            const rollout = ["rollout", "status", "deployment/postgres", "--timeout=120s"];
            await run("kubectl", ["--namespace", namespace, ...rollout]);
        }

        /** Writes the row that has to survive. */
        async function write() {
            await new Namespace(namespace).sql(
                "create table if not exists kept (id int); truncate kept; insert into kept values (1)",
            );
        }

        for (const edit of shown)
            it(`${edit.name}: ${edit.levels.join(", ") || "safe"}`, async () => {
                const { base, before: set = {}, settings = {}, program, levels, really } = edit;
                const given = { ...bases[base], ...set };
                if (differs(stack.config, { protectData: given.protectData, ...set })) {
                    stack.set({ protectData: given.protectData, ...set });
                    await stack.up();
                    await settled();
                }
                await write();
                const beforehand = await stateOf();
                const config = { ...stack.config };

                const { storageClass } = settings;
                stack.set(storageClass === defaultClass ? { storageClass: await classOf(watcher) } : settings);
                const copy = program && new ProjectCopy();
                for (const [path, from, to] of program ?? []) copy!.edit(path, from, to);
                if (copy) stack.project = copy.directory;
                const preview = await stack.pulumi("preview", "--json", "--show-sames");
                const report = reportOf(planFromPreview(stack.name, preview.stdout));
                const predicted = report.levels.filter((level) => level !== "none");

                const watch = new Connections(watcher.namespace, "client", `postgres.${namespace}.svc`);
                const start = Date.now() / 1000;
                const up = await stack.pulumi("up", "--yes");
                if (up.status === 0) namespace = (await stack.outputs()).namespace;
                await settled();
                await watch.caughtUp(Date.now() / 1000);
                const afterwards = await stateOf();
                const down = watch.gapSince(start);
                watch.stop();

                const happened = levelsOf(beforehand, afterwards, up.status !== 0);
                observed[edit.name] = inWords(happened, afterwards, down);

                // Restores the starting point for the next edit: the program, and the settings that would prevent or
                // hide the data.
                stack.project = process.cwd();
                copy?.remove();
                if (up.status !== 0 || happened.includes("empty")) stack.set(reverted(config, settings));
                if (program !== undefined || up.status !== 0 || happened.includes("empty")) {
                    await stack.up();
                    await settled();
                }

                const visible = predicted.filter((level) => visibleLevels.includes(level));
                const wanted = visible.filter((level) => !(really === "not at once" && level === "data-loss"));
                if (really === "fails" && !wanted.includes("refused")) wanted.push("refused");
                // If an edit is refused, nothing else of it happens.
                const done = wanted.includes("refused") ? (["refused"] satisfies Level[]) : wanted;
                assert.deepEqual(sorted(happened), sorted(done), `${up.text}\n${JSON.stringify(report.rows, null, 2)}`);
                // A preview ends at the first refusal, so the rest may be missing.
                if (report.plan.errors.length > 0)
                    assert.ok(levels.includes("refused") && predicted.includes("refused"));
                else assert.deepEqual(predicted, levels, JSON.stringify(report.rows, null, 2));
            });
    });

/** Name of the cluster's default StorageClass. */
async function classOf(cluster: Namespace): Promise<string> {
    const isDefault = "storageclass.kubernetes.io/is-default-class";
    const { items } = await cluster.get<{
        items: { metadata: { name: string; annotations: Record<string, string> } }[];
    }>("storageclasses");
    return items.find(({ metadata }) => metadata.annotations[isDefault] === "true")!.metadata.name;
}

/** The levels whose effects are visible from outside. */
const visibleLevels: Level[] = [
    "data-loss",
    "log-loss",
    "open",
    "outage",
    "empty",
    "refused",
    "exposure",
    "address",
    "credentials",
    "restart",
    "delivery",
];

function levelsOf(before: State, after: State, failed: boolean): Level[] {
    const stays = after.postgresPod === undefined || after.data === "unreachable";
    const changes: Partial<Record<Level, boolean>> = {
        "data-loss": after.data === "lost",
        "log-loss": before.logVolumes.some((uid) => !after.logVolumes.includes(uid)),
        outage: stays,
        empty: !stays && after.data === "kept" && !after.seen,
        refused: failed,
        open: opened(before, after) === "open",
        exposure: opened(before, after) === "exposure",
        address: Object.entries(before.services).some(([name, one]) => moved(one, after.services[name])),
        credentials: before.password !== after.password,
        restart: !stays && before.postgresPod !== after.postgresPod,
        delivery: after.elasticsearchPod !== undefined && before.elasticsearchPod !== after.elasticsearchPod,
    };
    return levelNames.filter((level) => changes[level]);
}

function moved(before: Service, after: Service | undefined): boolean {
    if (after?.address !== before.address || after.ports !== before.ports) return true;
    return before.open.some((range) => !containsCidr(after.open, range));
}

/** Ports and addresses that became reachable from outside the cluster. */
function opened(before: State, after: State): "open" | "exposure" | undefined {
    const wider = Object.entries(after.services).filter(([name, { open }]) =>
        open.some((range) => !containsCidr(before.services[name]?.open ?? [], range)),
    );
    if (wider.some(([name, { open }]) => name !== "postgres-nodeport" && mergeCidr(open).includes("0.0.0.0/0")))
        return "open";
    return wider.length > 0 ? "exposure" : undefined;
}

interface KubernetesService {
    metadata: { name: string };
    spec: {
        type: string;
        clusterIP: string;
        ports: { port: number; nodePort?: number }[];
        loadBalancerSourceRanges?: string[];
    };
}

/** The Services through which clients find PostgreSQL. */
async function servicesOf(cluster: Namespace): Promise<Record<string, Service>> {
    const { items } = await cluster.get<{ items: KubernetesService[] }>("services");
    const inner = ["fluent-bit", "elasticsearch"];
    return Object.fromEntries(
        items
            .filter(({ metadata }) => !inner.includes(metadata.name))
            .map(({ metadata, spec }) => [
                metadata.name,
                {
                    address: spec.clusterIP,
                    ports: spec.ports.map(({ port, nodePort }) => `${port}/${nodePort ?? ""}`).join(),
                    open:
                        spec.type === "NodePort"
                            ? ["0.0.0.0/0"]
                            : spec.type === "LoadBalancer"
                              ? (spec.loadBalancerSourceRanges ?? ["0.0.0.0/0"])
                              : [],
                },
            ]),
    );
}

function inWords(happened: Level[], { data }: State, down: number): string {
    const words: Partial<Record<Level, string>> = {
        "data-loss": "data lost",
        "log-loss": "log volumes deleted",
        open: "open to everyone",
        outage: "no PostgreSQL runs",
        empty: "clients find an empty database",
        refused: "`pulumi up` failed",
        exposure: "reachable by more",
        address: "an address changed or removed",
        credentials: "a new password",
        // Only the first namespace is watched.
        restart: down < 2 ? "restarted" : `restarted, ${down.toFixed(0)} s down`,
        delivery: "Elasticsearch restarted",
    };
    const said = happened.map((level) => words[level]).filter((text) => text !== undefined);
    return [...(data === "kept" ? ["data kept"] : []), ...said].join(", ");
}

/** Undoes the changes: earlier values are restored, other keys are unset. */
function reverted(config: Record<string, unknown>, changes: Values): Record<string, never> {
    return Object.fromEntries(Object.keys(changes).map((key) => [key, config[key]])) as Record<string, never>;
}

function differs(config: Record<string, unknown>, wanted: Values): boolean {
    return Object.entries(wanted).some(([key, value]) => JSON.stringify(config[key]) !== JSON.stringify(value));
}

const sorted = (levels: Level[]) => levelNames.filter((level) => levels.includes(level));
