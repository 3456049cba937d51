import { logVolumeClaim } from "../logs/volume";
import { chunksUp } from "./fluentBit";

/** A rule as Prometheus reads it: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertRule {
    alert: string;
    expr: string;
    for?: string;
    labels: { severity: "warning" | "critical" };
    annotations: { summary: string; description: string };
}

export interface AlertArgs {
    /** The namespace of the stack; undefined: all that Prometheus reads. */
    namespace?: string;
    /** Longest outage of Elasticsearch that the log volume survives, in seconds. */
    outage: number;
}

const inputs = ["postgresql_jsonlog", "postgresql_plain", "lost_lines"].join("|");

/** The part of the log volume that the log keeper leaves free is 1/16. */
const leastFree = 0.03;

/** Selects samples of a metric. */
type Select = (metric: string, labels: string) => string;

/** Alerts about lines that were lost or do not arrive. */
function deliveryAlerts(of: Select): AlertRule[] {
    const output = (metric: string) => of(`fluentbit_output_${metric}`, 'name="elasticsearch"');
    const lost = of("fluentbit_input_records_total", 'name="lost_lines"');
    return [
        rule("PglogLinesLost", "critical", undefined, {
            // A counter that starts above zero with its process does not increase.
            expr: `increase(${lost}[15m]) > 0 or (${lost} > 0 and on (instance) fluentbit_uptime < 900)`,
            summary: "Log lines were removed unread.",
            description:
                "The log volume was full. A search for event.action:lines-lost finds how many. Raise logOutage or logPeakRate.",
        }),
        rule("PglogLinesDropped", "critical", undefined, {
            expr: `increase(${output("dropped_records_total")}[15m]) > 0`,
            summary: "The shipper gave up log lines.",
            description:
                "They are in the directory rejected of the log volume. kubectl logs deployment/postgres -c fluent-bit has the reason.",
        }),
        rule("PglogNoProgress", "warning", "5m", {
            expr: `increase(${output("retries_total")}[5m]) > 0 and increase(${output("proc_records_total")}[5m]) == 0`,
            summary: "Log lines wait for Elasticsearch.",
            description:
                "Each attempt failed for 10 minutes. The lines are kept. kubectl logs deployment/postgres -c fluent-bit has the reason.",
        }),
        rule("PglogLinesRefused", "warning", undefined, {
            // A chunk is sent again after 1 to 6 s, so one that is always refused makes over 300 attempts in this time.
            expr: `increase(${output("retries_total")}[30m]) > 200`,
            summary: "Elasticsearch refuses some log lines each time.",
            description:
                "They are kept and sent again, also while others arrive. kubectl logs deployment/postgres -c fluent-bit has the reason.",
        }),
    ];
}

/** Alerts about lines that wait. */
function queueAlerts(of: Select, outage: number): AlertRule[] {
    const paused = of("fluentbit_input_ingestion_paused", 'name="postgresql_jsonlog"');
    const chunks = of("fluentbit_input_storage_chunks_up", `name=~"${inputs}"`);
    const volume = (metric: string) =>
        of(`kubelet_volume_stats_${metric}_bytes`, `persistentvolumeclaim="${logVolumeClaim}"`);
    const minutes = Math.floor(outage / 2 / 60);
    return [
        rule("PglogQueueNearlyFull", "warning", "2m", {
            expr: `sum by (instance) (${chunks}) >= ${chunksUp - 1}`,
            summary: "The shipper's queue is nearly full.",
            description: `It holds ${chunksUp} chunks of 2 MB. Then reading pauses, and lines wait in PostgreSQL's files.`,
        }),
        rule("PglogReadingPaused", "warning", "5m", {
            expr: `${paused} == 1`,
            summary: "The shipper reads no log lines.",
            description: "Its queue is full. Lines wait in PostgreSQL's files on the log volume; none is lost yet.",
        }),
        rule("PglogVolumeFills", "critical", `${minutes}m`, {
            expr: `${paused} == 1`,
            summary: "Log lines will be lost.",
            description: `Reading has paused for half of logOutage (${minutes} minutes). When all of it has passed, the oldest lines are removed unread.`,
        }),
        rule("PglogLogKeeperBehind", "critical", "2m", {
            expr: `${volume("available")} / ${volume("capacity")} < ${leastFree}`,
            summary: "The log volume is full.",
            description:
                "The log keeper cannot keep a sixteenth of it free. npm run status, or kubectl logs deployment/postgres -c log-keeper.",
        }),
        rule("PglogNoMetrics", "warning", "10m", {
            expr: `absent(${of("fluentbit_input_records_total", 'name="postgresql_jsonlog"')})`,
            summary: "Prometheus gets no metrics of the shipper.",
            description: "PostgreSQL's Pod is away, or Prometheus cannot reach port 2020 of it.",
        }),
    ];
}

/**
 * Alerts about the way of the lines, from Fluent Bit's metrics. Each names an input or output of this program, so other
 * Fluent Bits of the cluster raise none.
 *
 * `instance` is Prometheus's label for the address that it reads, so it is the same in all metrics of a Pod.
 */
export function alertRules({ namespace, outage }: AlertArgs): AlertRule[] {
    const stack = namespace === undefined ? "" : `,namespace="${namespace}"`;
    const of: Select = (metric, labels) => `${metric}{${labels}${stack}}`;
    return [...deliveryAlerts(of), ...queueAlerts(of, outage)];
}

type Text = AlertRule["annotations"] & { expr: string };

function rule(
    alert: string,
    severity: AlertRule["labels"]["severity"],
    duration: string | undefined,
    { expr, ...annotations }: Text,
): AlertRule {
    return { alert, expr, ...(duration && { for: duration }), labels: { severity }, annotations };
}

/** The rules as the content of a rule file, or `spec` of a PrometheusRule. */
export const alertGroups = (args: AlertArgs) => ({ groups: [{ name: "pglog", rules: alertRules(args) }] });
