import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { contextName } from "../../local/environment/context";
import { environmentDirectory } from "../../local/machine/cache";
import { partsOfStart, ProjectCopy } from "../support/projectCopy";
import { Namespace, exists } from "./namespace";
import { images, noShipper, retentionDays } from "./environment";
import { output, run } from "./run";

interface Kubeconfig {
    contexts: { name: string; context: object }[];
    clusters: { name: string; cluster: object }[];
    "current-context": string;
}

/** The stack `dev` in a cluster that is only a context of a kubeconfig file, with images from the stack file. */
describe("npm start -- --context", () => {
    const context = `e2e-${randomBytes(3).toString("hex")}`;
    const namespace = `pglog-${context}`;
    const cluster = new Namespace(namespace);
    const directory = environmentDirectory(contextName(context));
    const home = mkdtempSync(join(tmpdir(), "pglog-context-"));
    const kubeconfig = join(home, "config");
    const project = new ProjectCopy(partsOfStart);
    /** The server of the kubeconfig's current context. Nothing may send it a request. */
    let other: Server | undefined;
    let asked = 0;
    let connect = "";

    const npm = (script: string, ...args: string[]) =>
        run("npm", ["run", "--silent", script, "--", ...args], {
            env: { ...process.env, KUBECONFIG: kubeconfig },
            cwd: project.directory,
        });
    const rows = () => cluster.sql("SELECT count(*) FROM kept");

    before(async function () {
        if (noShipper !== undefined) {
            console.log(`    skipped: ${noShipper}`);
            this.skip();
        }
        const server = createServer((socket) => {
            asked += 1;
            socket.destroy();
        });
        other = server;
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        const own = parse(await output("kubectl", ["config", "view", "--flatten", "--minify"])) as Kubeconfig;
        own.contexts[0]!.name = context;
        own.contexts.push({ name: "other", context: { cluster: "other", user: "" } });
        own.clusters.push({ name: "other", cluster: { server: `http://127.0.0.1:${port}` } });
        own["current-context"] = "other";
        writeFileSync(kubeconfig, stringify(own));
        project.configure({ namespace, images, elasticsearchRetentionDays: Number(retentionDays) });
    });
    after(async () => {
        if (existsSync(directory)) await npm("stop", "--context", context, "--delete");
        other?.close();
        project.remove();
        rmSync(home, { recursive: true });
    });

    it("refuses a context that does not exist, and lists those that do", async () => {
        const { status, stderr } = await npm("start", "--context", `${context}-typo`);
        assert.equal(status, 1);
        assert.match(stderr, new RegExp(`the kubeconfig has no context ${context}-typo, only ${context}, other\\.`));
        assert.ok(!existsSync(environmentDirectory(contextName(`${context}-typo`))));
    });

    it("ends with a page whose commands work", async () => {
        const { status, stdout, stderr } = await npm("start", "--context", context);
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.match(stdout, /a marker came back from a search/);
        connect = /^ +(KUBECONFIG=[^]*? app)$/m.exec(stdout)![1]!;
        const create = "CREATE TABLE kept AS SELECT 'a row' AS value";
        await output("sh", ["-c", `${connect} --no-psqlrc -qAt --command "${create}"`]);
        assert.equal(await rows(), "1");
        assert.ok(stdout.includes(`npm start -- --context ${context}`));
    });

    it("keeps the database if an edit would delete it", async () => {
        project.configure({ storageAccessMode: "ReadWriteOncePod" });
        const { status, stderr } = await npm("start", "--context", context);
        assert.equal(status, 1);
        assert.match(stderr, new RegExp(`npm start -- --context ${context} --accept data-loss`));
        assert.equal(await rows(), "1");
        project.configure({ storageAccessMode: undefined });
    });

    it("applies an edit that loses nothing", async () => {
        project.configure({ logMinDuration: 100 });
        const { status, stdout, stderr } = await npm("start", "--context", context);
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.equal(await cluster.sql("SHOW log_min_duration_statement"), "100ms");
        assert.equal(await rows(), "1");
    });

    it("destroys nothing without --delete, and everything with it", async () => {
        const kept = await npm("stop", "--context", context);
        assert.equal(kept.status, 1);
        assert.match(kept.stderr, new RegExp(`npm stop -- --context ${context} --delete`));
        assert.equal(await rows(), "1");
        const { status, stdout, stderr } = await npm("stop", "--context", context, "--delete");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.ok(!(await exists("namespace", namespace)));
        assert.ok(!existsSync(directory));
    });

    it("has asked no other context, and left the kubeconfig as it was", () => {
        assert.equal(asked, 0);
        assert.equal((parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig)["current-context"], "other");
    });
});
