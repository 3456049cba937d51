import { parse } from "yaml";
import { objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

type Plugin = Record<string, unknown>;

/** Why each setting is there: docs/logs.md */
export const shipperDropsNothing: ResourceRule = {
    name: "shipper-drops-nothing",
    description:
        "Fluent Bit keeps what it read on disk and sends it until it is taken, since its defaults drop lines after one failed retry or when a queue is full.",
    level: "mandatory",
    remediation: "Correct components/shipper/fluentBit.ts; docs/logs.md says what each setting is there for.",
    *check(resource) {
        const text = objectOf(resource, "core/v1:ConfigMap")?.data?.["fluent-bit.yaml"];
        if (text === undefined) return;
        const { pipeline } = parse(text) as { pipeline?: { inputs?: Plugin[]; outputs?: Plugin[] } };
        const field = (list: string, plugin: Plugin, setting: string) =>
            `data["fluent-bit.yaml"], ${list}[${String(plugin.alias ?? plugin.name)}].${setting}`;
        for (const input of pipeline?.inputs ?? [])
            if (input["storage.type"] !== "filesystem")
                yield {
                    field: field("inputs", input, "storage.type"),
                    came: literal(input["storage.type"]),
                    must: `"filesystem"`,
                };
        // null sends no line: it is there so that what waits counts (docs/logs.md).
        for (const output of (pipeline?.outputs ?? []).filter(({ name }) => name !== "null")) {
            if (output.retry_limit !== "no_limits")
                yield {
                    field: field("outputs", output, "retry_limit"),
                    came: literal(output.retry_limit),
                    must: `"no_limits"`,
                };
            if (output["storage.total_limit_size"] !== undefined)
                yield {
                    field: field("outputs", output, "storage.total_limit_size"),
                    came: literal(output["storage.total_limit_size"]),
                    must: "not set: it deletes the oldest lines",
                };
        }
    },
};
