import { main, type Provider } from "@pulumi/pulumi/provider";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { randomText, type TextArgs } from "./randomText";

const packageFile = join(__dirname, "..", "..", "node_modules", "@pulumi", "random", "package.json");

/** Stands in for the random provider: RandomPassword, which is all that this project makes of it. */
const provider: Provider = {
    version: (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version,
    check: (_urn, _olds, news: unknown) => Promise.resolve({ inputs: news }),
    // Every input is part of what the value is, so another one is another value.
    diff: (_id, _urn, olds: Record<string, unknown>, news: Record<string, unknown>) => {
        const replaces = Object.keys(news).filter((name) => !isDeepStrictEqual(olds[name], news[name]));
        return Promise.resolve({ changes: replaces.length > 0, replaces });
    },
    create: (urn, args: TextArgs) => {
        if (!urn.includes("RandomPassword"))
            return Promise.reject(new Error(`this stand-in makes RandomPassword only, and not ${urn}`));
        const result = { [specialSigKey]: specialSecretSig, value: randomText(args) };
        return Promise.resolve({ id: "none", outs: { ...args, result } });
    },
    read: (id, _urn, props: unknown) => Promise.resolve({ id, props }),
    delete: () => Promise.resolve(),
};

void main(provider, process.argv.slice(2));
