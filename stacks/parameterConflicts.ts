import { bytesOf } from "../components/kubernetes/quantity";
import { connectionParameters, reservedParameter } from "../components/postgres/config";
import { memoryBudget } from "../components/postgres/memoryBudget";
import { excessiveParameters } from "../components/postgres/memoryDemand";
import { refusedParameter } from "../components/postgres/parameters/check";
import { misfits } from "../components/postgres/parameters/together";
import type { ConflictRule } from "./conflict";
import { removeKey, setKey } from "./keys";

export const parametersAreTheStacks: ConflictRule = {
    *check({ postgresSettings, postgresVersion }) {
        for (const [member, value] of Object.entries(postgresSettings)) {
            const must = reservedParameter(member, value) ?? refusedParameter(member, value, postgresVersion);
            if (must === undefined) continue;
            const fix = [removeKey("postgresSettings", member)];
            yield { key: "postgresSettings", member, came: { value }, must, fix };
        }
    },
};

export const parametersFitTheMemory: ConflictRule = {
    *check({ postgresSettings, postgresMemory, postgresVersion }) {
        const limit = bytesOf(postgresMemory)!;
        for (const { name: member, value, most } of excessiveParameters(limit, postgresSettings, postgresVersion))
            yield {
                key: "postgresSettings",
                member,
                came: { value },
                must: `at most ${most} with postgresMemory ${postgresMemory}, so that all sessions together stay below that limit`,
                fix: [
                    setKey("postgresSettings", `--path postgresSettings.${member} ${most}`),
                    removeKey("postgresSettings", member),
                ],
            };
    },
};

/** A parameter's value as postgresql.conf has it. */
const text = (value: unknown) => (typeof value === "boolean" ? (value ? "on" : "off") : String(value));

export const parametersFitEachOther: ConflictRule = {
    *check({ postgresSettings, postgresVersion, postgresMemory }) {
        const budget = memoryBudget(bytesOf(postgresMemory)!)!; // the key's range leaves one
        const own = Object.entries(postgresSettings).map(([name, value]) => [name, text(value)]);
        const all = { ...connectionParameters(budget), ...(Object.fromEntries(own) as Record<string, string>) };
        for (const { name: member, must } of misfits(all, postgresVersion))
            if (member in postgresSettings)
                yield {
                    key: "postgresSettings",
                    member,
                    came: { value: postgresSettings[member] },
                    must,
                    fix: [removeKey("postgresSettings", member)],
                };
    },
};
