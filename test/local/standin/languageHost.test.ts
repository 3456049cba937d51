import assert from "node:assert/strict";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { answer, StandIn } from "../../support/standIn";

describe("the process that stands in for the Node language host", () => {
    let standIn: StandIn;
    let host: LanguageRuntimeClient;
    /** A project whose SDK only prints how it was started, and exits as configured. */
    const project = mkdtempSync(join(tmpdir(), "pglog-project-"));

    before(async () => {
        for (const [entry, source] of [
            [
                "run",
                `const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT } = process.env;
                const started = { args: process.argv.slice(2), PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT };
                require("node:fs").writeFileSync("started.json", JSON.stringify(started));
                process.exit(Number(process.argv.at(-1)));`,
            ],
            [
                "run-policy-pack",
                `console.log("4711");
                console.error(process.argv.slice(2).join(" "), process.env.GIVEN);
                process.exitCode = 3;`,
            ],
        ] as const) {
            const directory = join(project, "node_modules/@pulumi/pulumi/cmd", entry);
            mkdirSync(directory, { recursive: true });
            writeFileSync(join(directory, "index.js"), source);
        }
        standIn = await StandIn.start("languageHost");
        host = standIn.client(LanguageRuntimeClient);
    });
    after(async () => {
        await standIn.stop();
        rmSync(project, { recursive: true });
    });

    const info = (directory: string) => {
        const program = new language.ProgramInfo();
        program.setRootDirectory(directory);
        program.setProgramDirectory(directory);
        program.setEntryPoint(".");
        return program;
    };

    function run(status: number) {
        const request = new language.RunRequest();
        request.setInfo(info(project));
        request.setPwd(project);
        request.setProject("pglog");
        request.setStack("test");
        request.setMonitorAddress("127.0.0.1:1");
        request.setParallel(8);
        request.setDryrun(true);
        request.getConfigMap().set("pglog:elasticsearchPassword", "opensesame");
        request.setConfigsecretkeysList(["pglog:elasticsearchPassword"]);
        request.setArgsList([String(status)]);
        return answer<language.RunResponse>((done) => host.run(request, done));
    }

    it("names the plugins of this project, with the versions of their packages", async () => {
        const request = new language.GetRequiredPackagesRequest();
        request.setInfo(info(resolve(".")));
        const needed = await answer<language.GetRequiredPackagesResponse>((done) =>
            host.getRequiredPackages(request, done),
        );
        const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
            dependencies: Record<string, string>;
        };
        assert.deepEqual(
            needed.getPackagesList().map((one) => [one.getKind(), one.getName(), one.getVersion()]),
            ["kubernetes", "random"].map((name) => ["resource", name, `v${dependencies[`@pulumi/${name}`]}`]),
        );
    });

    it("runs a program with the engine's address, its configuration and its arguments", async () => {
        const ended = await run(0);
        assert.deepEqual([ended.getError(), ended.getBail()], ["", false]);
        assert.deepEqual(JSON.parse(readFileSync(join(project, "started.json"), "utf8")), {
            args: [
                ...["--monitor", "127.0.0.1:1", "--engine", standIn.engineAddress, "--organization", "organization"],
                ...["--project", "pglog", "--stack", "test", "--pwd", project, "--dry-run", "--parallel", "8"],
                ...["--root-directory", project, ".", "0"],
            ],
            PULUMI_CONFIG: '{"pglog:elasticsearchPassword":"opensesame"}',
            PULUMI_CONFIG_SECRET_KEYS: '["pglog:elasticsearchPassword"]',
            PULUMI_NODEJS_TYPESCRIPT: "true",
        });
    });

    it("reports how a failed program ended, unless the program has reported its error", async () => {
        const [failed, reported] = [await run(1), await run(32)];
        assert.deepEqual([failed.getError(), failed.getBail()], ["the program ended with status 1", false]);
        assert.deepEqual([reported.getError(), reported.getBail()], ["", true]);
    });

    it("runs a policy pack, and passes on its output and exit status", async () => {
        const request = new language.RunPluginRequest();
        request.setInfo(info(project));
        request.setPwd(project);
        request.setArgsList(["127.0.0.1:1"]);
        request.setEnvList(["GIVEN=a=b"]);
        let [stdout, stderr, status] = ["", "", 0];
        const stream = host.runPlugin(request);
        stream.on("data", (part: language.RunPluginResponse) => {
            stdout += Buffer.from(part.getStdout_asU8()).toString();
            stderr += Buffer.from(part.getStderr_asU8()).toString();
            status = part.getExitcode();
        });
        await once(stream, "end");
        assert.deepEqual([stdout, stderr, status], ["4711\n", `127.0.0.1:1 ${project} a=b\n`, 3]);
    });
});
