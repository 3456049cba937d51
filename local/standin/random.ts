import { main, type Provider } from "@pulumi/pulumi/provider";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { randomText, refusal, type TextArgs } from "./randomText";

const packageFile = join(__dirname, "..", "..", "node_modules", "@pulumi", "random", "package.json");

/** The stand-in for the random provider. It supports only RandomPassword, the one resource that this project uses. */
const provider: Provider = {
    version: (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version,
    check: (_urn, _olds, news: TextArgs) => {
        const reason = refusal(news);
        return Promise.resolve({
            inputs: news,
            failures: reason === undefined ? [] : [{ property: "length", reason }],
        });
    },
    // The password depends on every input, so a changed, new or removed input gives a new password.
    diff: (_id, _urn, olds: Record<string, unknown>, news: Record<string, unknown>) => {
        const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
        names.delete("result");
        const replaces = [...names].filter((name) => !isDeepStrictEqual(olds[name], news[name]));
        return Promise.resolve({ changes: replaces.length > 0, replaces });
    },
    create: (urn, args: TextArgs) => {
        if (!urn.includes("RandomPassword"))
            return Promise.reject(new Error(`this stand-in supports only RandomPassword, not ${urn}`));
        const result = { [specialSigKey]: specialSecretSig, value: randomText(args) };
        return Promise.resolve({ id: "none", outs: { ...args, result } });
    },
    read: (id, _urn, props: unknown) => Promise.resolve({ id, props }),
    delete: () => Promise.resolve(),
};

void main(provider, process.argv.slice(2));
