import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Environment } from "../../../local/environment/environment";
import { renderPage } from "../../../local/cli/page";

describe("the page at the end of npm start", () => {
    const environment: Environment = {
        name: "local",
        directory: "/cache/environments/local",
        pulumi: "/usr/bin/pulumi",
        variables: { KUBECONFIG: "/some/.cache/pglog/environments/local/kubeconfig" },
        settings: {},
        parts: [{ name: "Kubernetes", version: "v1.37.2", origin: "built", note: "local/go/programs" }],
    };
    const page = (difference: Partial<Parameters<typeof renderPage>[0]>) =>
        stripVTControlCharacters(
            renderPage({
                environment,
                outputs: {
                    namespace: "pglog-dev",
                    services: { ClusterIP: { host: "postgres.pglog-dev.svc", port: 5432 } },
                },
                changed: true,
                connect: {
                    inCluster: "postgresql://app@postgres.pglog-dev.svc:5432/app",
                    fromHere:
                        "postgresql://app@10.200.111.255/app?passfile=/some/.cache/pglog/environments/local/pgpass",
                },
                objects: [{ kind: "Deployment", metadata: { name: "postgres" }, status: { readyReplicas: 1 } }],
                lines: "the lines",
                logVolume: "No log line was lost.",
                flags: "",
                ...difference,
            }),
        );

    it("begins with the proof", () => {
        assert.match(
            page({}),
            /^PostgreSQL runs, and its log lines arrive in Elasticsearch: a marker came back from a search\.\n/,
        );
        assert.match(page({ changed: false }), /^PostgreSQL runs, .*: nothing had to change\.\n/);
    });

    it("says that a stand-in ships the lines, why, and what to do about it", () => {
        assert.match(
            page({ environment: { ...environment, shipperStandIn: "there is no fluent-bit" } }),
            /^PostgreSQL runs, .*\.\n\nA stand-in for Fluent Bit ships them:\n {2}there is no fluent-bit\.\n {2}Install Fluent Bit 5\.1\.1 \(.*\), then: npm start\n/,
        );
    });

    it("fits 100 columns, whatever the width of the terminal", () => {
        const note = `local/standin/kubernetes.ts. For the official one: ${"/a/long/path".repeat(12)} and more words`;
        const lines = page({
            environment: {
                ...environment,
                shipperStandIn: "there is no fluent-bit on PATH and none in /opt/fluent-bit",
                parts: [{ name: "Kubernetes provider", version: "4.32.0", origin: "stand-in", note }],
            },
            flags: `--name ${"n".repeat(31)}`,
        }).split("\n");
        for (const line of lines) assert.ok(line.length <= 100, `${line.length}: ${line}`);
        const table = lines.join("\n");
        assert.match(table, /│ local\/standin\/kubernetes\.ts\. For the official one: +│/);
        assert.match(table, /│ \/a\/long\/path\S+…\S+\/long\/path +│/, "both ends of a path that is too long");
        assert.match(table, /│ and more words +│/);
    });

    it("shows how to connect, without the password", () => {
        assert.match(page({}), /^ {4}psql "postgresql:\/\/app@10\.200\.111\.255\/app\?passfile=\/some\/\S+\/pgpass"$/m);
        assert.match(page({}), /^ {4}postgresql:\/\/app@postgres\.pglog-dev\.svc:5432\/app$/m);
        const elsewhere = page({ connect: { inCluster: "postgresql://app@postgres/app" } });
        assert.doesNotMatch(elsewhere, /from this machine/);
    });

    it("has commands for its own environment", () => {
        const named = page({ flags: "--name two" });
        assert.match(named, /, then:\n +npm start -- --name two\n/);
        assert.match(named, /eval "\$\(npm run --silent local:env -- --name two\)"\n/);
        assert.match(named, /npm stop -- --name two$/);
        assert.match(
            page({}).replaceAll("\\\n", ""),
            /^ {4}KUBECONFIG=\/some\S+\/kubeconfig +\S+\/bin\/kubectl +--namespace pglog-dev exec .* -- +psql --username postgres app$/m,
        );
        assert.match(
            page({ environment: { ...environment, name: "context-kind" }, flags: "--context kind" }),
            /^ {4}KUBECONFIG=\S+ \\\n +kubectl \\$/m,
        );
    });
});
