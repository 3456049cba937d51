import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { shippers } from "../../bench/pipeline/shippers";
import { relocated } from "../../bench/pipeline/shippers/relocate";

describe("the shippers of the benchmark", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pglog-test-"));
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    const prepared = (id: string) =>
        shippers
            .find((shipper) => shipper.id === id)!
            .prepare(
                { directory, logs: join(directory, "logs"), host: "127.0.0.1", port: 9201, ownPort: 2021 },
                { program: "/bin/shipper", version: "1" },
            );

    it("have different names", () => {
        assert.equal(new Set(shippers.map(({ id }) => id)).size, shippers.length);
    });

    for (const id of ["pglog", "pglog-gzip", "pglog-0.1.0"])
        it(`${id} runs on this machine's paths and ports alone`, () => {
            const { program, args, env } = prepared(id);
            assert.equal(program, "/bin/shipper");
            assert.equal(env?.POD_NAMESPACE, "pglog-dev");
            const text = readFileSync(args.at(-1)!, "utf8");
            assert.doesNotMatch(text.replaceAll(directory, "HERE"), /[ "']\/(fluent-bit|var)\//);
            const { service, pipeline } = parse(text) as {
                service: Record<string, unknown>;
                pipeline: { outputs: Record<string, unknown>[] };
            };
            assert.deepEqual([service.http_listen, service.http_port], ["127.0.0.1", 2021]);
            const [output] = pipeline.outputs;
            assert.deepEqual([output!.host, output!.port], ["127.0.0.1", 9201]);
            assert.equal(output!.compress, id === "pglog" ? undefined : "gzip");
        });

    for (const { id } of shippers)
        it(`${id} writes its configuration into the directory of the run`, () => {
            const { args } = prepared(id);
            const named = args.map((arg) => arg.replace(/^file:/, "")).filter((arg) => arg.startsWith("/"));
            assert.ok(named.length > 0 && named.every((path) => path.startsWith(directory)));
            assert.ok(existsSync(named[0]!));
        });

    it("replace all container paths, longest first, and create the directories", () => {
        const moved = relocated({ a: ["/data/logs/x", 1, true], b: "/data", c: "/database" }, [
            { from: "/data", to: join(directory, "data") },
            { from: "/data/logs", to: join(directory, "logs") },
        ]);
        assert.deepEqual(moved, {
            a: [join(directory, "logs/x"), 1, true],
            b: join(directory, "data"),
            c: "/database",
        });
        assert.ok(existsSync(join(directory, "logs")));
    });
});
