import { effect } from "../effect";
import { metadataRules } from "./metadata";
import { edit, judged, nothing, type ObjectRules } from "./rule";

/** Rules for the objects of the Prometheus Operator. No Pod and no line depends on them. */
export const monitoringRules: ObjectRules = {
    create: () => [
        effect(
            "unknown",
            "The cluster needs the Prometheus Operator: without its definitions `pulumi up` fails here, after everything else.",
        ),
    ],
    delete: () => [effect("none", "Prometheus no longer reads the shipper's metrics, or no longer raises its alerts.")],
    replace: nothing,
    fields: [
        judged("spec.groups[pglog].rules**", "logOutage", () => effect("none", "Alerts are raised at other values.")),
        edit("spec**", "none", "Prometheus reads other metrics, or raises other alerts."),
        ...metadataRules,
    ],
};
