import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { environmentDirectory } from "../../local/machine/cache";
import { Cluster as LocalCluster } from "../../local/cluster/cluster";
import { processes } from "../../local/machine/processes";
import { partsOfStart, ProjectCopy } from "../support/projectCopy";
import { blocksOf, titleOf } from "../support/docsCommands";
import { Node } from "../lines/node";
import { runBlock } from "../support/runBlock";
import { output, run, until } from "./run";

/** The state of the machine that an environment adds to. */
async function machine() {
    const lines = async (program: string, ...args: string[]) => (await output(program, args)).trim().split("\n");
    return {
        namespaces: await lines("ip", "netns"),
        mounts: readFileSync("/proc/self/mounts", "utf8").trim().split("\n"),
        routes: await lines("ip", "route"),
        links: readdirSync("/sys/class/net"),
    };
}

const skipReason = Node.find() === undefined ? "the tests run in a cluster that was named" : undefined;

/** A local environment beside the one that the tests run in, from its first start to its deletion. */
describe("npm start", function () {
    const name = `e2e-${randomBytes(3).toString("hex")}`;
    const directory = environmentDirectory(name);
    const project = new ProjectCopy(partsOfStart);
    const npm = (script: string, ...args: string[]) =>
        run("npm", ["run", "--silent", script, "--", "--name", name, ...args], { cwd: project.directory });
    const ofTheEnvironment = () =>
        processes().filter(({ arguments: given }) => given.some((argument) => argument.includes(directory)));
    /** Runs a statement with the psql command of the page. */
    const query = async (line: string, statement: string) => {
        const { stdout, stderr, status } = await run("sh", ["-c", `${line} --no-psqlrc -qAt --command "${statement}"`]);
        assert.equal(status, 0, stderr);
        return stdout.trim();
    };
    let untouched: Awaited<ReturnType<typeof machine>>;
    /** The page's psql command in the Pod, as the administrator. */
    let connect = "";
    /** The page's psql command on this machine, as the application's role. */
    let fromHere = "";

    before(async function () {
        if (skipReason !== undefined) {
            console.log(`    skipped: ${skipReason}`);
            this.skip();
        }
        untouched = await machine();
    });
    after(async () => {
        await npm("stop", "--delete");
        project.remove();
    });

    it("reports that no environment exists yet", async () => {
        const { status, stderr } = await npm("status");
        assert.equal(status, 1);
        assert.match(stderr, new RegExp(`there is no environment ${name} in .*\\. Run: npm start`));
    });

    it("ends with a page whose commands work", async () => {
        const { status, stdout, stderr } = await npm("start");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        const page = stdout.slice(stdout.indexOf("\nPostgreSQL runs"));
        assert.match(page, /^\nPostgreSQL runs, and its log lines arrive in Elasticsearch: a marker/);
        assert.match(page, /pglog delivery marker/);
        assert.match(page, /No log line was lost\./);
        for (const line of page.split("\n"))
            assert.ok(line.length <= 100 || line.includes(directory), `${line.length} characters: ${line}`);
        connect = /^ +(KUBECONFIG=[^]*? app)$/m.exec(page)![1]!;
        fromHere = /^ +(psql "postgresql:.*")$/m.exec(page)![1]!;
        assert.equal(
            await query(connect, "CREATE TABLE kept AS SELECT 'a row' AS value; SELECT value FROM kept"),
            "a row",
        );
    });

    it("gives a psql command that works on this machine, with the password in a private file", async function () {
        if ((await run("sh", ["-c", "command -v psql"])).status !== 0) {
            console.log("    skipped: there is no psql on this machine");
            this.skip();
        }
        assert.equal(await query(fromHere, "SELECT current_user"), "app");
        const file = /passfile=([^"]+)/.exec(fromHere)![1]!;
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const password = readFileSync(file, "utf8").trim().split(":").at(-1)!;
        assert.ok(!fromHere.includes(password));
    });

    it("changes nothing when it is run again", async () => {
        const pod = () => query(connect, "SELECT pg_postmaster_start_time()");
        const started = await pod();
        const { status, stdout } = await npm("start");
        assert.equal(status, 0, stdout);
        assert.match(stdout, /nothing had to change/);
        assert.equal(await pod(), started);
    });

    it("shows what runs", async () => {
        const { status, stdout } = await npm("status");
        assert.equal(status, 0, stdout);
        assert.match(stdout, new RegExp(`^environment ${name} runs: its node is 10\\.`));
        assert.match(stdout, /Kubernetes provider/);
        assert.match(
            stdout,
            /What runs in namespace pglog-dev[^]*Deployment postgres +│ PostgreSQL and its log shipper +│ ready/,
        );
    });

    it("leaves nothing on the machine after npm stop, and keeps the data in the cache", async () => {
        const { status, stdout, stderr } = await npm("stop");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.deepEqual(await machine(), untouched);
        assert.deepEqual(ofTheEnvironment(), []);
        assert.ok(existsSync(directory));
        assert.equal((await npm("status")).status, 3);
    });

    it("refuses a second start and a stop while it runs, and leaves nothing after it was killed", async () => {
        const child = spawn("npm", ["run", "--silent", "start", "--", "--name", name], {
            cwd: project.directory,
            detached: true,
            stdio: "ignore",
        });
        const cluster = new LocalCluster(name);
        await until("the cluster is there", async () => Promise.resolve(cluster.isRunning()), Boolean);
        for (const script of ["start", "stop"]) {
            const { status, stderr } = await npm(script);
            assert.equal(status, 1, script);
            assert.match(stderr, new RegExp(`^environment ${name} is being started or stopped by process \\d+, `));
        }
        assert.ok(cluster.isRunning() && child.exitCode === null);
        process.kill(-child.pid!, "SIGKILL");
        const { status, stdout, stderr } = await npm("stop");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.deepEqual(await machine(), untouched);
        assert.deepEqual(ofTheEnvironment(), []);
    });

    it("comes back with the data and a new proof", async () => {
        const { status, stdout, stderr } = await npm("start");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.match(stdout, /a marker came back from a search/);
        assert.equal(await query(connect, "SELECT value FROM kept"), "a row");
    });

    it("deletes a database because of an edit only with consent", async () => {
        project.configure({ storageClass: "standard" });
        const again = /^Nothing was changed: data-loss.* If this is meant: npm start -- (.*)$/m;
        let accept: string[] = [];
        for (const accepted of [[], ["--accept", "log-loss"]]) {
            const { status, stdout, stderr } = await npm("start", ...accepted);
            assert.equal(status, 1, `${stdout}\n${stderr}`);
            assert.match(stderr, /would lose data[^]*storageClass[^]*The volume with all databases is deleted/);
            assert.match(stderr, again);
            accept = again.exec(stderr)![1]!.split(" ").slice(-2);
            assert.equal(await query(connect, "SELECT value FROM kept"), "a row");
        }
        const { status, stdout, stderr } = await npm("start", ...accept);
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.equal(await query(connect, "SELECT to_regclass('kept') IS NULL"), "t");
    });

    it("removes everything with npm stop -- --delete", async () => {
        const { status, stdout, stderr } = await npm("stop", "--delete");
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.deepEqual(await machine(), untouched);
        assert.ok(!existsSync(directory));
    });
});

describe("the commands in the docs that start and stop the environment", () => {
    const name = `e2e-${randomBytes(3).toString("hex")}`;
    const env: NodeJS.ProcessEnv = { ...process.env, PGLOG_NAME: name };

    before(function () {
        if (skipReason === undefined) return;
        console.log(`    skipped: ${skipReason}`);
        this.skip();
    });
    after(async () => {
        await run("npm", ["run", "--silent", "stop", "--", "--delete"], { env });
    });

    for (const block of blocksOf("start"))
        it(`${block.file} ${titleOf(block)}`, async () => {
            const here = block.text.replaceAll("--name two", `--name ${name}-two`);
            const { status, text } = await runBlock(here, { cwd: process.cwd(), env });
            assert.equal(status, 0, text);
            if (block.prints !== undefined) assert.ok(text.includes(block.prints), text);
        });
});
