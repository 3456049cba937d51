import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels, selectorLabels } from "./kubernetes/labels";
import { alertGroups } from "./shipper/alerts";
import { metricsPath } from "./shipper/fluentBit";

export interface MonitoringArgs {
    namespace: pulumi.Input<string>;
    /** Longest outage of Elasticsearch that the log volume survives, in seconds. It decides when an alert is critical. */
    outage: number;
}

/** Name of the component, and prefix of its resources' names. It is part of their URNs, so it must not change. */
const name = "monitoring";

/** Resources of the Prometheus Operator: https://prometheus-operator.dev/docs/api-reference/api/ */
const apiVersion = "monitoring.coreos.com/v1";

/**
 * Tells the Prometheus Operator to read the shipper's metrics, and which alerts to raise.
 *
 * The cluster needs the operator's definitions PodMonitor and PrometheusRule. Without them the provider refuses both
 * objects, after everything else.
 */
export class Monitoring extends pulumi.ComponentResource {
    constructor(args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pglog:index:Monitoring", name, {}, opts); // no inputs: a preview shows the objects that they become
        const metadata = { namespace: args.namespace, name: "pglog", labels: labels("pglog") };
        const spec = {
            selector: { matchLabels: selectorLabels("postgres") },
            podMetricsEndpoints: [{ port: "metrics", path: metricsPath, interval: "30s" }],
        };
        const rules = pulumi.output(args.namespace).apply((namespace) => alertGroups({ ...args, namespace }));
        const opt = { parent: this };
        new k8s.apiextensions.CustomResource(`${name}-pods`, { apiVersion, kind: "PodMonitor", metadata, spec }, opt);
        new k8s.apiextensions.CustomResource(
            `${name}-alerts`,
            { apiVersion, kind: "PrometheusRule", metadata, spec: rules },
            opt,
        );
        this.registerOutputs({});
    }
}
