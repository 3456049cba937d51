import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type {
    PolicyResource,
    ResourceValidation,
    ResourceValidationArgs,
    StackValidationArgs,
    StackValidationPolicy,
} from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import * as pulumi from "@pulumi/pulumi";
import { format } from "prettier";
import { policies } from "../../policy/pack";
import { rules } from "../../policy/rules";
import { updateGolden } from "../support/updateGolden";

const unknown = pulumi.runtime.unknownValue;
/** An object that throws when a value is read that a preview does not know. Pulumi's SDK gives it no type. */
const { unknownCheckingProxy } = proxy as unknown as { unknownCheckingProxy: (props: object) => object };

/** A resource as Pulumi's SDK passes it to a policy. */
function resource(type: string, name: string, props: object, more: object = {}): PolicyResource {
    const urn = `urn:pulumi:test::pglog::${type}::${name}`;
    const opts = { protect: false };
    return {
        ...{ urn, type, name, props: unknownCheckingProxy(props), opts, propertyDependencies: {}, dependencies: [] },
        ...more,
    } as unknown as PolicyResource;
}

/** The pack's reports, with the resource if there is one. */
function reported(name: string, resources: PolicyResource[], config = {}): [message: string, urn?: string][] {
    const policy = policies(rules, config).find((one) => one.name === name)!;
    const reports: [message: string, urn?: string][] = [];
    const report = (...said: [message: string, urn?: string]) => void reports.push(said);
    if ("validateStack" in policy) void policy.validateStack({ resources } as StackValidationArgs, report);
    else
        for (const one of resources)
            void (policy.validateResource as ResourceValidation)(one as unknown as ResourceValidationArgs, report);
    return reports;
}

describe("the policy pack", () => {
    it("has a policy for each rule, with its level, its reason and what to do", () => {
        assert.deepEqual(
            policies(rules, {}).map((policy) => ({
                name: policy.name,
                description: policy.description,
                level: policy.enforcementLevel,
                remediation: policy.remediationSteps,
                overStack: (policy as Partial<StackValidationPolicy>).validateStack !== undefined,
            })),
            rules.map(({ name, description, level, remediation, ...rule }) => {
                return { name, description, level, remediation, overStack: "checkStack" in rule };
            }),
        );
    });

    it("is advisory if the configuration has a setting for the case, and mandatory otherwise", () => {
        const advisory = rules.filter(({ level }) => level !== "mandatory").map(({ name }) => name);
        assert.deepEqual(advisory, ["load-balancer-is-not-for-everyone"]);
    });

    it("names the object, the field, the value, the rule and what to do", () => {
        const namespace = resource("kubernetes:core/v1:Namespace", "namespace", { metadata: { labels: {} } });
        assert.deepEqual(reported("namespace-is-restricted", [namespace]), [
            [
                `Namespace "namespace": metadata.labels["pod-security.kubernetes.io/enforce"] is not set; it must be "restricted". Keep the label pod-security.kubernetes.io/enforce: restricted on the namespace of stacks/logDatabase.ts, and keep every object in it.`,
            ],
        ]);
    });

    it("names the resource if a rule looks at the whole stack", () => {
        const claim = resource("kubernetes:core/v1:PersistentVolumeClaim", "postgres-data", {});
        const reports = reported("data-is-protected", [claim], { protectData: true });
        assert.deepEqual(
            reports.map(([, urn]) => urn),
            [claim.urn],
        );
    });

    describe("in a preview, while a password is not generated yet", () => {
        const password = resource("random:index/randomPassword:RandomPassword", "password", { result: unknown });
        const secret = resource("kubernetes:core/v1:Secret", "login", { stringData: { password: unknown } });
        const whole = resource("kubernetes:core/v1:Secret", "files", { stringData: unknown });
        const config = { data: { plain: "text", from: unknown } };

        it("finds no secret in other unknown values", () => {
            const configMap = resource("kubernetes:core/v1:ConfigMap", "config", config);
            assert.deepEqual(reported("secrets-stay-in-secrets", [password, secret, whole, configMap]), []);
        });

        it("finds objects that are made from it", () => {
            const propertyDependencies = { data: [password] };
            const configMap = resource("kubernetes:core/v1:ConfigMap", "config", config, { propertyDependencies });
            assert.deepEqual(reported("secrets-stay-in-secrets", [password, secret, whole, configMap]), [
                [
                    `ConfigMap "config": data is made from RandomPassword "password"; it must be free of secrets. Put it into a Secret and mount the Secret as a file.`,
                    configMap.urn,
                ],
            ]);
        });

        it("finds a variable with a password that has no value yet", () => {
            const env = [{ name: "PGPASSWORD", value: unknown }];
            const pod = resource("kubernetes:core/v1:Pod", "pod", { spec: { containers: [{ name: "psql", env }] } });
            assert.match(reported("credentials-are-files", [pod])[0]![0], /env\[PGPASSWORD\] is set/);
        });
    });

    it("only reads objects, and imports nothing from the code that makes them", () => {
        for (const file of readdirSync("policy").filter((name) => name.endsWith(".ts")))
            assert.doesNotMatch(readFileSync(`policy/${file}`, "utf8"), /from "\.\.\//, file);
    });

    it("is listed in docs/policy.md", async () => {
        const rows = rules.map(({ name, level, description }) => {
            return `| \`${name}\`${level === "advisory" ? " (advice)" : ""} | ${description} |\n`;
        });
        const text = `| rule | what it asks, and why |\n| - | - |\n${rows.join("")}`;
        const table = await format(text, { parser: "markdown" });
        const section = /(?<=<!-- rules -->\n\n)[^]*?(?=\n<!-- \/rules -->)/;
        const read = () => readFileSync("docs/policy.md", "utf8");
        if (updateGolden()) writeFileSync("docs/policy.md", read().replace(section, table));
        assert.equal(section.exec(read())?.[0], table, "if the rules are right: UPDATE_GOLDEN=1 npm run unit");
    });

    it("starts with the packages of the project above it", async () => {
        const run = resolve("node_modules/@pulumi/pulumi/cmd/run-policy-pack");
        const pack = spawn(process.execPath, [run, "127.0.0.1:0", resolve("policy")], {
            cwd: "policy", // as the language host does
            stdio: ["ignore", "pipe", "inherit"],
        });
        const ended = once(pack, "exit");
        try {
            const [port] = (await Promise.race([once(pack.stdout, "data"), ended])) as [Buffer | number];
            assert.match(String(port), /^\d{4,5}\n$/);
        } finally {
            pack.kill();
            await ended;
        }
    });
});
