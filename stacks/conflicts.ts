import { bytesOf, Mi } from "../components/kubernetes/quantity";
import { neededLogVolume } from "../components/logs/volume";
import type { Conflict, ConflictRule } from "./conflict";
import { removeKey, setKey, type KeyName, type Values } from "./keys";
import { parametersAreTheStacks, parametersFitEachOther, parametersFitTheMemory } from "./parameterConflicts";
import { fluentBitVersion } from "./versions";

const isSet = (values: Values, key: KeyName) => values[key] !== undefined;
const isExternal = ({ shipper, elasticsearchMode }: Values) => shipper !== "none" && elasticsearchMode === "external";

/** The major version that an image's tag names, as in `postgres:17.11-bookworm`; undefined if the tag names none. */
function majorVersion(image: string): number | undefined {
    const major = /(?:^|\/)postgres:(\d+)(?:[.@-]|$)/.exec(image)?.[1];
    return major === undefined ? undefined : Number(major);
}

const imageHasTheVersion: ConflictRule = {
    *check({ images, postgresVersion }) {
        const major = images.postgres === undefined ? undefined : majorVersion(images.postgres);
        if (major === undefined || major === postgresVersion) return;
        yield {
            key: "images",
            member: "postgres",
            came: { value: images.postgres },
            must: `an image of PostgreSQL ${postgresVersion} (postgresVersion): a different major version cannot read the data`,
            fix: [removeKey("images", "postgres"), setKey("postgresVersion", String(major))],
        };
    },
};

const logVolumeHoldsTheOutage: ConflictRule = {
    *check({ logVolumeSize, logPeakRate, logOutage }) {
        const needed = Math.ceil(neededLogVolume(logPeakRate, logOutage) / Mi);
        if (logVolumeSize === undefined || bytesOf(logVolumeSize)! >= needed * Mi) return;
        yield {
            key: "logVolumeSize",
            came: { value: logVolumeSize },
            must: `at least ${needed}Mi, to hold ${logPeakRate} KiB/s (logPeakRate) for ${logOutage / 60} minutes (logOutage) as files or as queue`,
            fix: [setKey("logVolumeSize", `${needed}Mi`)],
        };
    },
};

const everyStatementNeedsAHighRate: ConflictRule = {
    *check({ logStatement, logPeakRate }) {
        if (logStatement !== "all" || logPeakRate >= 1024) return;
        yield {
            key: "logPeakRate",
            came: { value: logPeakRate },
            must: "at least 1024 (KiB/s) with logStatement all: a database that logs every statement writes megabytes per second",
            fix: [setKey("logStatement", "ddl")],
        };
    },
};

const loadBalancerNeedsSourceRanges: ConflictRule = {
    *check({ services, loadBalancerSourceRanges: ranges }) {
        if (!services.includes("LoadBalancer") || ranges.length > 0) return;
        yield {
            key: "loadBalancerSourceRanges",
            came: { value: ranges },
            must: "the networks that may connect, because services has LoadBalancer; 0.0.0.0/0 lets everyone connect",
            fix: [setKey("loadBalancerSourceRanges")],
        };
    },
};

/** A fix that adds a kind of Service to the list. */
const addService = ({ services }: Values, kind: string) =>
    setKey("services", `--path 'services[${services.length}]' ${kind}`);

const loadBalancerKeysNeedTheService: ConflictRule = {
    *check(values) {
        const { services, loadBalancerSourceRanges: ranges, loadBalancerAnnotations: annotations } = values;
        if (services.includes("LoadBalancer") || ranges.length + Object.keys(annotations).length === 0) return;
        yield {
            key: "services",
            came: { value: services },
            must: "a list with LoadBalancer, because keys of the load balancer are set",
            fix: [addService(values, "LoadBalancer")],
        };
    },
};

const nodePortNeedsTheService: ConflictRule = {
    *check(values) {
        const { services, nodePort } = values;
        if (nodePort === 0 || services.includes("NodePort")) return;
        yield {
            key: "services",
            came: { value: services },
            must: `a list with NodePort, because nodePort is ${nodePort}`,
            fix: [addService(values, "NodePort")],
        };
    },
};

const onlyExternal = [
    "elasticsearchHost",
    "elasticsearchServerName",
    "elasticsearchCa",
    "elasticsearchUser",
    "elasticsearchPassword",
    "elasticsearchApiKey",
    "elasticsearchSecret",
] as const satisfies KeyName[];

const inClusterMakesItsOwn: ConflictRule = {
    *check(values) {
        if (values.shipper === "none" || values.elasticsearchMode !== "in-cluster") return;
        for (const key of onlyExternal.filter((name) => isSet(values, name)))
            yield {
                key,
                came: "set",
                must: "unset with elasticsearchMode in-cluster, which creates its own Elasticsearch",
                fix: [removeKey(key)],
            };
    },
};

const externalNeedsAHost: ConflictRule = {
    *check(values) {
        if (!isExternal(values) || isSet(values, "elasticsearchHost")) return;
        yield {
            key: "elasticsearchHost",
            came: "not set",
            must: "the DNS name or address of an Elasticsearch, with elasticsearchMode external",
            fix: [setKey("elasticsearchHost"), setKey("elasticsearchMode", "in-cluster")],
        };
    },
};

/** Keys that hold the credentials of each way to authenticate; elasticsearchSecret can stand in for them. */
const credentialKeys: Record<Values["elasticsearchAuth"], KeyName[]> = {
    basic: ["elasticsearchUser", "elasticsearchPassword"],
    apiKey: ["elasticsearchApiKey"],
    none: [],
};

const credentialsFitTheAuthentication: ConflictRule = {
    *check(values) {
        if (!isExternal(values)) return;
        const { elasticsearchAuth: auth, elasticsearchSecret } = values;
        const allowed: KeyName[] = auth === "none" ? [] : [...credentialKeys[auth], "elasticsearchSecret"];
        const all: KeyName[] = [...Object.values(credentialKeys).flat(), "elasticsearchSecret"];
        for (const key of all.filter((name) => isSet(values, name))) {
            const isDouble = elasticsearchSecret !== undefined && key !== "elasticsearchSecret";
            if (allowed.includes(key) && !isDouble) continue;
            const must = isDouble
                ? "unset with elasticsearchSecret, which holds the credentials"
                : `unset with elasticsearchAuth ${auth}`;
            yield { key, came: "set", must, fix: [removeKey(key)] };
        }
    },
};

const authenticationHasCredentials: ConflictRule = {
    *check(values) {
        if (!isExternal(values) || isSet(values, "elasticsearchSecret")) return;
        for (const key of credentialKeys[values.elasticsearchAuth].filter((name) => !isSet(values, name)))
            yield {
                key,
                came: "not set",
                must: `set with elasticsearchAuth ${values.elasticsearchAuth}, unless elasticsearchSecret names a Secret`,
                fix: [setKey(key)],
            };
    },
};

const protectedCredentialsNeedTls: ConflictRule = {
    *check(values) {
        const { elasticsearchAuth: auth, elasticsearchScheme: scheme, protectData } = values;
        if (!isExternal(values) || auth === "none" || scheme !== "http" || !protectData) return;
        yield {
            key: "elasticsearchScheme",
            came: { value: scheme },
            must: "https with protectData: http sends the credentials across the network in clear text",
            fix: [setKey("elasticsearchScheme", "https")],
        };
    },
};

const certificatesNeedTls: ConflictRule = {
    *check(values) {
        if (!isExternal(values) || values.elasticsearchScheme !== "http") return;
        const certificateKeys = ["elasticsearchCa", "elasticsearchServerName"] as const;
        for (const key of certificateKeys.filter((name) => isSet(values, name)))
            yield {
                key,
                came: "set",
                must: "unset with elasticsearchScheme http, which has no certificates",
                fix: [removeKey(key)],
            };
    },
};

const apiKeyNeedsIndices: ConflictRule = {
    *check(values) {
        const { elasticsearchAuth: auth, elasticsearchTarget: target } = values;
        if (!isExternal(values) || auth !== "apiKey" || target !== "data-stream") return;
        yield {
            key: "elasticsearchTarget",
            came: { value: target },
            must: `index with elasticsearchAuth apiKey: Fluent Bit ${fluentBitVersion} sends API keys only from its output es, which repeats a request to a data stream for ever once its documents are there`,
            fix: [setKey("elasticsearchTarget", "index")],
        };
    },
};

/** All rules, in the order of their errors. */
export const conflictRules = {
    parametersAreTheStacks,
    parametersFitTheMemory,
    parametersFitEachOther,
    imageHasTheVersion,
    logVolumeHoldsTheOutage,
    everyStatementNeedsAHighRate,
    loadBalancerNeedsSourceRanges,
    loadBalancerKeysNeedTheService,
    nodePortNeedsTheService,
    inClusterMakesItsOwn,
    externalNeedsAHost,
    credentialsFitTheAuthentication,
    authenticationHasCredentials,
    protectedCredentialsNeedTls,
    certificatesNeedTls,
    apiKeyNeedsIndices,
} satisfies Record<string, ConflictRule>;

/** Every conflict between the values, by rule and then by key. */
export function* conflicts(values: Values): Iterable<Conflict> {
    for (const { check } of Object.values<ConflictRule>(conflictRules)) yield* check(values);
}
