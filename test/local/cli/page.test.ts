import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Environment } from "../../../local/environment/environment";
import { renderPage } from "../../../local/cli/page";

describe("the page that npm start ends with", () => {
    const environment: Environment = {
        name: "local",
        directory: "/cache/environments/local",
        pulumi: "/usr/bin/pulumi",
        variables: { KUBECONFIG: "/cache/environments/local/kubeconfig" },
        settings: {},
        parts: [{ name: "Kubernetes", version: "v1.34.4", origin: "built", note: "local/go/kube" }],
    };
    const page = (difference: Partial<Parameters<typeof renderPage>[0]>) =>
        stripVTControlCharacters(
            renderPage({
                environment,
                outputs: {
                    namespace: "pglog-dev",
                    services: { ClusterIP: { host: "postgres.pglog-dev.svc.cluster.local", port: 5432 } },
                    logs: null,
                },
                changed: true,
                objects: ["deployment.apps/postgres   1/1"],
                lines: "the lines",
                logVolume: "No log line was lost.",
                flags: "",
                ...difference,
            }),
        );

    it("begins with the proof", () => {
        assert.match(
            page({}),
            /^PostgreSQL runs, and its log lines arrive in Elasticsearch: a marker it logged came back from a search\.\n/,
        );
        assert.match(page({ changed: false }), /^PostgreSQL runs, .*: nothing had to change\.\n/);
    });

    it("says that a stand-in ships the lines, why, and the one thing to do", () => {
        assert.match(
            page({ environment: { ...environment, shipperStandIn: "there is no fluent-bit" } }),
            /^PostgreSQL runs, .*\.\n\nA stand-in for Fluent Bit ships them: there is no fluent-bit\. Install Fluent Bit 5\.1\.1 \(.*\), then: npm start\n/,
        );
    });

    it("has commands for the environment that it is of", () => {
        const named = page({ flags: "--name two" });
        assert.match(named, /, then: npm start -- --name two\n/);
        assert.match(named, /eval "\$\(npm run --silent local:env -- --name two\)"\n/);
        assert.match(named, /npm stop -- --name two$/);
        assert.match(
            page({}),
            /^ {2}KUBECONFIG=\/cache\/environments\/local\/kubeconfig \S+\/bin\/kubectl --namespace pglog-dev exec .* -- psql --username postgres app$/m,
        );
        assert.match(
            page({ environment: { ...environment, name: "context-kind" }, flags: "--context kind" }),
            /^ {2}KUBECONFIG=\S+ kubectl --namespace/m,
        );
    });
});
