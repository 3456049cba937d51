import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { selectorLabels } from "../kubernetes/labels";
import { metricsPath, shipperPort } from "./fluentBit";

/** A convention, not a part of Prometheus: its example configuration for Kubernetes reads these of Services. */
const scrapeAnnotations = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": String(shipperPort),
    "prometheus.io/path": metricsPath,
};

/**
 * Makes the shipper's metrics reachable under the name `fluent-bit`.
 *
 * @param resource name of the resource
 * @param isScraped true for annotations from which a Prometheus finds the metrics
 */
export function createMetricsService(
    resource: string,
    metadata: { namespace: pulumi.Input<string>; labels: Record<string, string> },
    isScraped: boolean,
    parent: pulumi.Resource,
) {
    new k8s.core.v1.Service(
        resource,
        {
            metadata: {
                ...metadata,
                name: "fluent-bit",
                annotations: {
                    "pulumi.com/skipAwait": "true", // it is created before the Pod
                    ...(isScraped && scrapeAnnotations),
                },
            },
            spec: {
                selector: selectorLabels("postgres"),
                ports: [{ name: "metrics", port: shipperPort, targetPort: "metrics" }],
                publishNotReadyAddresses: true, // the shipper answers even when PostgreSQL is not ready
            },
        },
        { parent },
    );
}
