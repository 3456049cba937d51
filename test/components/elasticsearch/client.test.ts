import assert from "node:assert/strict";
import { clientContainer, clientVolumes } from "../../../components/elasticsearch/client";
import type { ElasticsearchEndpoint } from "../../../components/elasticsearch/endpoint";
import { plainEndpoint as open } from "../../support/endpoint";

describe("elasticsearchClient", () => {
    it("needs only the scripts for an Elasticsearch without authentication", () => {
        assert.deepEqual(clientVolumes(open), [{ name: "tmp", emptyDir: {} }]);
        assert.deepEqual(clientContainer(open, "curl:1", "setup.sh", { TIMEOUT: "5" }), {
            name: "setup",
            image: "curl:1",
            imagePullPolicy: "IfNotPresent",
            command: ["sh", "/scripts/setup.sh"],
            env: [
                { name: "ELASTICSEARCH_URL", value: "http://elasticsearch:9200" },
                { name: "TIMEOUT", value: "5" },
            ],
            securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
            },
            resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
            volumeMounts: [
                { name: "scripts", mountPath: "/scripts", readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
            ],
        });
    });

    it("mounts credentials and the authority if there are any", () => {
        const endpoint: ElasticsearchEndpoint = { ...open, auth: "basic", credentials: "login", ca: "authority" };
        assert.deepEqual(clientVolumes(endpoint), [
            { name: "tmp", emptyDir: {} },
            { name: "credentials", secret: { secretName: "login", defaultMode: 0o440 } },
            { name: "ca", configMap: { name: "authority" } },
        ]);
        assert.deepEqual(clientContainer(endpoint, "curl:1", "setup.sh", {}).volumeMounts.slice(2), [
            { name: "credentials", mountPath: "/credentials", readOnly: true },
            { name: "ca", mountPath: "/ca", readOnly: true },
        ]);
    });

    it("connects to the Service but checks the certificate's name, if these differ", () => {
        const endpoint: ElasticsearchEndpoint = { ...open, scheme: "https", port: 9243, serverName: "es.example.com" };
        assert.deepEqual(clientContainer(endpoint, "curl:1", "setup.sh", {}).env, [
            { name: "ELASTICSEARCH_URL", value: "https://es.example.com:9243" },
            { name: "ELASTICSEARCH_CONNECT_TO", value: "es.example.com:9243:elasticsearch:9243" },
        ]);
    });
});
