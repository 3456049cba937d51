import type { types } from "@pulumi/kubernetes";
import { scriptContainer } from "../kubernetes/scriptContainer";
import { endpointUrl, type ElasticsearchEndpoint } from "./endpoint";

/** User of the official curl image. The scripts own no files, so any user works. */
export const curlUser = 100;

/** Volumes of a Pod that uses components/scripts/elasticsearch.sh. */
export function clientVolumes(endpoint: ElasticsearchEndpoint): types.input.core.v1.Volume[] {
    return [
        { name: "tmp", emptyDir: {} },
        ...(endpoint.credentials
            ? [{ name: "credentials", secret: { secretName: endpoint.credentials, defaultMode: 0o440 } }]
            : []),
        ...(endpoint.ca ? [{ name: "ca", configMap: { name: endpoint.ca } }] : []),
    ];
}

/** A container that runs a script from /scripts and can reach Elasticsearch. */
export function clientContainer(
    endpoint: ElasticsearchEndpoint,
    image: string,
    scriptName: string,
    env: Record<string, string>,
) {
    const container = scriptContainer(image, "sh", scriptName);
    return {
        ...container,
        env: [
            { name: "ELASTICSEARCH_URL", value: endpointUrl(endpoint) },
            ...(endpoint.host === endpoint.serverName
                ? []
                : [
                      {
                          name: "ELASTICSEARCH_CONNECT_TO",
                          value: `${endpoint.serverName}:${endpoint.port}:${endpoint.host}:${endpoint.port}`,
                      },
                  ]),
            ...Object.entries(env).map(([name, value]) => ({ name, value })),
        ],
        volumeMounts: [
            ...container.volumeMounts,
            ...(endpoint.credentials ? [{ name: "credentials", mountPath: "/credentials", readOnly: true }] : []),
            ...(endpoint.ca ? [{ name: "ca", mountPath: "/ca", readOnly: true }] : []),
        ],
    } satisfies types.input.core.v1.Container;
}
