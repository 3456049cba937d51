import assert from "node:assert/strict";
import { asText, declaredKeys } from "../../render/stackFile";
import type { Conflict } from "../../stacks/conflict";
import { conflictRules, conflicts } from "../../stacks/conflicts";
import { keyNames, keys, type Values } from "../../stacks/keys";

/** The defaults of Pulumi.yaml, as the program reads them. */
const defaults = Object.fromEntries(
    keyNames.map((name) => [name, keys[name].schema.parse(asText(declaredKeys()[name]!.default))]),
) as Values;
const external = { elasticsearchHost: "es.example.com", elasticsearchUser: "pglog", elasticsearchPassword: "x" };

/** Values that break one rule, and the conflicts that this rule alone finds: the key and a fix. */
const broken: Record<keyof typeof conflictRules, [Partial<Values>, [Conflict["key"], string][]]> = {
    parametersAreTheStacks: [
        { postgresSettings: { fsync: false, jit: true, checkpoint_timeout: 5, hash_mem_multiplier: 100 } },
        [
            ["postgresSettings", "rm --path postgresSettings.fsync"],
            ["postgresSettings", "rm --path postgresSettings.checkpoint_timeout"],
            ["postgresSettings", "rm --path postgresSettings.hash_mem_multiplier"],
        ],
    ],
    parametersFitTheMemory: [
        {
            postgresSettings: {
                temp_buffers: "2GB",
                autovacuum_work_mem: "1GB",
                max_locks_per_transaction: 1_000_000,
                work_mem: "1GB",
            },
        },
        [
            ["postgresSettings", "set --path postgresSettings.autovacuum_work_mem 65MB"],
            ["postgresSettings", "set --path postgresSettings.temp_buffers 4MB"],
            ["postgresSettings", "set --path postgresSettings.max_locks_per_transaction 4027"],
        ],
    ],
    parametersFitEachOther: [
        { postgresSettings: { wal_level: "minimal", archive_mode: true, reserved_connections: 33 } },
        [
            ["postgresSettings", "rm --path postgresSettings.reserved_connections"],
            ["postgresSettings", "rm --path postgresSettings.wal_level"],
            ["postgresSettings", "rm --path postgresSettings.archive_mode"],
        ],
    ],
    imageHasTheVersion: [
        { images: { postgres: "registry.example.com:5000/postgres:18.6-bookworm" } },
        [["images", "rm --path images.postgres"]],
    ],
    logVolumeHoldsTheOutage: [{ logVolumeSize: "899Mi" }, [["logVolumeSize", "set logVolumeSize 900Mi"]]],
    everyStatementNeedsAHighRate: [{ logStatement: "all" }, [["logPeakRate", "set logStatement ddl"]]],
    loadBalancerNeedsSourceRanges: [
        { services: ["LoadBalancer"] },
        [["loadBalancerSourceRanges", "set --path 'loadBalancerSourceRanges[0]' 203.0.113.0/24"]],
    ],
    loadBalancerKeysNeedTheService: [
        { loadBalancerAnnotations: { internal: "true" } },
        [["services", "set --path 'services[1]' LoadBalancer"]],
    ],
    nodePortNeedsTheService: [{ nodePort: 30432 }, [["services", "set --path 'services[1]' NodePort"]]],
    inClusterMakesItsOwn: [
        { elasticsearchMode: "in-cluster" },
        [
            ["elasticsearchHost", "rm elasticsearchHost"],
            ["elasticsearchUser", "rm elasticsearchUser"],
            ["elasticsearchPassword", "rm elasticsearchPassword"],
        ],
    ],
    externalNeedsAHost: [
        { elasticsearchHost: undefined },
        [["elasticsearchHost", "set elasticsearchHost es.example.com"]],
    ],
    credentialsFitTheAuthentication: [
        { elasticsearchAuth: "none" },
        [
            ["elasticsearchUser", "rm elasticsearchUser"],
            ["elasticsearchPassword", "rm elasticsearchPassword"],
        ],
    ],
    authenticationHasCredentials: [
        { elasticsearchPassword: undefined },
        [["elasticsearchPassword", "set --secret elasticsearchPassword"]],
    ],
    protectedCredentialsNeedTls: [
        { elasticsearchScheme: "http" },
        [["elasticsearchScheme", "set elasticsearchScheme https"]],
    ],
    certificatesNeedTls: [
        { elasticsearchScheme: "http", elasticsearchServerName: "es.internal" },
        [["elasticsearchServerName", "rm elasticsearchServerName"]],
    ],
    apiKeyNeedsIndices: [{ elasticsearchAuth: "apiKey" }, [["elasticsearchTarget", "set elasticsearchTarget index"]]],
};

describe("The rule", () => {
    const good: Values = { ...defaults, ...external };

    for (const [name, [change, expected]] of Object.entries(broken)) {
        const { check } = conflictRules[name as keyof typeof conflictRules];
        it(`${name} finds ${JSON.stringify(change)}, and nothing in a valid configuration`, () => {
            const found = [...check({ ...good, ...change })].map(({ key, fix }) => [key, fix[0]]);
            assert.deepEqual(found, expected);
            assert.deepEqual([...check(good)], []);
        });
    }

    it("is one of those that find all conflicts", () => {
        assert.deepEqual([...conflicts(good)], []);
        assert.deepEqual(
            [...conflicts({ ...good, logStatement: "all", nodePort: 30432 })].map(({ key }) => key),
            ["logPeakRate", "services"],
        );
    });
});
