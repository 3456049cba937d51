import { parseAllDocuments } from "yaml";
import { objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

type Plugin = Record<string, unknown>;

/** docs/logs.md gives the reason for each setting. */
export const shipperDropsNothing: ResourceRule = {
    name: "shipper-drops-nothing",
    description:
        "Fluent Bit keeps its queue on disk and retries without limit, because its defaults drop lines after one failed retry or when a queue is full.",
    level: "mandatory",
    remediation: "Correct components/shipper/fluentBit.ts; docs/logs.md gives the reason for each setting.",
    *check(resource) {
        const text = objectOf(resource, "core/v1:ConfigMap")?.data?.["fluent-bit.yaml"];
        if (text === undefined) return;
        const documents = [...parseAllDocuments(text)].map((document) => document.toJS() as object);
        const { pipeline } = Object.assign({}, ...documents) as {
            pipeline?: { inputs?: Plugin[]; outputs?: Plugin[] };
        };
        const field = (list: string, plugin: Plugin, setting: string) =>
            `data["fluent-bit.yaml"], ${list}[${String(plugin.alias ?? plugin.name)}].${setting}`;
        for (const input of pipeline?.inputs ?? [])
            if (input["storage.type"] !== "filesystem")
                yield {
                    field: field("inputs", input, "storage.type"),
                    came: literal(input["storage.type"]),
                    must: `"filesystem"`,
                };
        // The output null sends nothing; it makes waiting chunks count (docs/logs.md).
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
