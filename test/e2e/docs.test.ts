import assert from "node:assert/strict";
import { blocksOf, needs, titleOf, type Need } from "../support/docsCommands";
import { Namespace, exists } from "./namespace";
import { noShipper, noVersions } from "./environment";
import { Reader, type Resource } from "./reader";
import { output, run } from "./run";

async function defaultStorageClass() {
    const { items } = JSON.parse(await output("kubectl", ["get", "storageclass", "--output", "json"])) as {
        items: {
            metadata: { annotations?: Record<string, string> };
            allowVolumeExpansion?: boolean;
            volumeBindingMode?: string;
        }[];
    };
    const isDefault = "storageclass.kubernetes.io/is-default-class";
    const none: Partial<(typeof items)[number]> = {};
    return items.find(({ metadata }) => metadata.annotations?.[isDefault] === "true") ?? none;
}

/** The reason why a block cannot run here; undefined if it can. */
const lacks: Record<Need, () => Promise<string | undefined>> = {
    shipper: () => Promise.resolve(noShipper),
    versions: () => Promise.resolve(noVersions),
    async expansion() {
        const { allowVolumeExpansion } = await defaultStorageClass();
        return allowVolumeExpansion === true ? undefined : "the default StorageClass cannot expand volumes";
    },
    async binding() {
        const { volumeBindingMode } = await defaultStorageClass();
        return volumeBindingMode === "Immediate" ? undefined : "the default StorageClass waits for the first Pod";
    },
    async psql() {
        const found = await run("bash", ["-c", "command -v psql pg_isready"]);
        return found.status === 0 ? undefined : "there is no psql on this machine";
    },
};

/**
 * For some blocks: what happens before, and what must be true afterwards, in addition to its output. The key is the start
 * of the block's commands.
 */
interface Beside {
    block: RegExp;
    before?: (reader: Reader, cluster: Namespace) => unknown;
    after?: (reader: Reader, cluster: Namespace) => Promise<unknown>;
}

async function rows(cluster: Namespace, count: string) {
    assert.equal(await cluster.sql("SELECT count(*) || ' of ' || sum(n) FROM orders"), count);
}
const thousand = "1000 of 500500";

const beside: Record<string, Beside[]> = {
    "docs/operating.md": [
        {
            block: /pg_dump --username=postgres --dbname=app .* >app\.dump/s,
            async before(_, cluster) {
                await cluster.postgresPod();
                await cluster.sql("CREATE ROLE reader LOGIN");
                await cluster.sql("CREATE TABLE orders AS SELECT generate_series(1, 1000) AS n");
                await cluster.sql("ALTER TABLE orders OWNER TO app; GRANT SELECT ON orders TO reader");
            },
        },
        {
            block: /app_damaged/,
            before: (_, cluster) => cluster.sql("DELETE FROM orders WHERE n > 10"),
            async after(_, cluster) {
                await rows(cluster, thousand);
                assert.equal(await cluster.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'"), "-1");
                const owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'";
                assert.equal(await cluster.sql(owner), "app");
            },
        },
        {
            block: /^old\(\)/,
            async after({ stack }, cluster) {
                const second = new Namespace(`pglog-${stack}-18`);
                await rows(second, thousand);
                assert.equal(await second.sql("SELECT has_table_privilege('reader', 'orders', 'SELECT')"), "t");
                assert.match(await second.sql("SHOW server_version"), /^18/);
                assert.match(await cluster.sql("SHOW server_version"), /^15/);
                // The following blocks use the old role.
                await cluster.sql("ALTER ROLE app CONNECTION LIMIT -1");
            },
        },
        {
            block: /--clear-pending-creates/,
            /** The state after an engine that ended when the Service was created but not yet recorded. */
            before(reader) {
                reader.editState((state) => {
                    const index = state.resources.findIndex(({ urn }) => urn.endsWith("::postgres-nodeport"));
                    const [resource] = state.resources.splice(index, 1) as [Resource];
                    for (const { dependencies = [], propertyDependencies = {} } of state.resources)
                        for (const urns of [dependencies, ...Object.values(propertyDependencies)])
                            if (urns.includes(resource.urn)) urns.splice(urns.indexOf(resource.urn), 1);
                    const unfinished = { ...resource, id: undefined, outputs: undefined };
                    state.pending_operations = [{ resource: unfinished, type: "creating" }];
                });
            },
            after: async (_, cluster) => cluster.uid("service", "postgres-nodeport"),
        },
        {
            block: /^pulumi config set protectData true/,
            async after(_, cluster) {
                const { items } = await cluster.get<{ items: object[] }>("deployments,services,jobs");
                assert.deepEqual(items, []);
            },
        },
        {
            block: /persistentVolumeReclaimPolicy/,
            async after(_, cluster) {
                await cluster.postgresPod();
                if (noVersions === undefined) await rows(cluster, thousand);
            },
        },
        {
            block: /^pulumi config set protectData false/,
            async after(_, { namespace }) {
                assert.equal(await exists("namespace", namespace), false);
            },
        },
    ],
};

const all = blocksOf("cluster");
/** The commands of README.md that create a stack. Every document begins with them. */
const comesUp = all.find(({ file, text }) => file === "README.md" && text.includes("pulumi stack select --create dev"));

/** True if a document's commands change what is in the cluster. Other documents can share one stack. */
const changes = (file: string) =>
    all.some((block) => block.file === file && /\bpulumi (up|destroy|refresh)\b/.test(block.text));
const files = [...new Set(all.map(({ file }) => file))];

for (const group of [...files.filter(changes).map((file) => [file]), files.filter((file) => !changes(file))])
    describe(`the commands of ${group.join(", ")}`, () => {
        let reader: Reader;
        let cluster: Namespace;

        before(async () => {
            assert.ok(comesUp, "README.md has no block that makes the stack dev");
            // A dump needs pg_dump of the server's own version, which the image of 15 has.
            reader = new Reader(group.includes("docs/operating.md") && noVersions === undefined ? 15 : undefined);
            cluster = new Namespace(`pglog-${reader.stack}`);
            await reader.run(comesUp);
            await cluster.postgresPod();
        });
        after(() => (reader as Reader | undefined)?.remove());

        for (const file of group) testDocument(file, () => ({ reader, cluster }));
    });

/** A test for each block of a document, in order. Blocks after a failed one are skipped. */
function testDocument(file: string, stack: () => { reader: Reader; cluster: Namespace }) {
    const todo = [...(beside[file] ?? [])];
    let broken: string | undefined;

    for (const block of all.filter((one) => one.file === file)) {
        const title = `${file} ${titleOf(block)}`;
        it(title, async function () {
            const { reader, cluster } = stack();
            const skip = (reason: string) => {
                console.log(`      skipped: ${reason}`);
                this.skip();
            };
            if (broken !== undefined) skip(`${broken} failed`);
            for (const need of block.needs) {
                const reason = await lacks[need]();
                if (reason !== undefined) skip(`it needs ${needs[need]}: ${reason}`);
            }
            broken = title;
            const hooks = todo.filter(({ block: pattern }) => pattern.test(block.text));
            for (const { before: prepare } of hooks) await prepare?.(reader, cluster);
            await reader.run(block);
            for (const { after: check } of hooks) await check?.(reader, cluster);
            broken = undefined;
        });
    }

    it(`${file} has every block that something is checked beside`, () => {
        for (const { block } of todo)
            assert.ok(
                all.some((one) => one.file === file && block.test(one.text)),
                String(block),
            );
    });
}
