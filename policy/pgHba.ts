import { isIP } from "node:net";
import { objectOf } from "./kubernetes";
import { literal, type ResourceRule } from "./rule";

const allowed = {
    host: ["scram-sha-256", "reject"],
    local: ["peer", "scram-sha-256", "reject"],
};

/** https://www.postgresql.org/docs/current/auth-pg-hba-conf.html */
export const clientsProveWhoTheyAre: ResourceRule = {
    name: "clients-prove-who-they-are",
    description:
        "Every network line of pg_hba.conf requires scram-sha-256 or rejects, because trust needs no password, and md5 and password can be replayed or read.",
    level: "mandatory",
    remediation: "Correct renderHba() of components/postgres/config.ts.",
    *check(resource) {
        const text = objectOf(resource, "core/v1:ConfigMap")?.data?.["pg_hba.conf"];
        if (text === undefined) return;
        for (const { number, fields } of lines(text)) {
            const type = fields[0] ?? "";
            const field = `data["pg_hba.conf"], line ${number}`;
            const methods = type === "local" ? allowed.local : type.startsWith("host") ? allowed.host : undefined;
            if (methods === undefined)
                yield {
                    field,
                    came: literal(type),
                    must: "a line of type host or local, because an include could add any rule",
                };
            else if (!methods.includes(method(fields)))
                yield { field, came: `${type} with method ${literal(method(fields))}`, must: methods.join(" or ") };
        }
    },
};

/** The records of the file with their line numbers. */
function lines(text: string) {
    return text
        .split("\n")
        .map((line, i) => ({
            number: i + 1,
            fields: line.replace(/#.*/, "").replace(/,\s+/g, ",").trim().split(/\s+/),
        }))
        .filter(({ fields }) => fields[0] !== "");
}

/** TYPE DATABASE USER [ADDRESS [MASK]] METHOD [OPTIONS] */
function method([type, , , ...rest]: string[]): string {
    const hasMask = type !== "local" && isIP(rest[1] ?? "") !== 0;
    const place = type === "local" ? 0 : hasMask ? 2 : 1;
    return (rest[place] ?? "").replaceAll('"', "");
}
