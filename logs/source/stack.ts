import { z } from "zod";
import { command } from "../../local/machine/command";
import { Elasticsearch, type Access } from "./elasticsearch";
import { PortForward } from "./portForward";

/** The stack's outputs for readers of its lines: `LogAccess` of stacks/logDatabase.ts, in the engine's format. */
const logAccess = z.object({
    elasticsearch: z.url(),
    search: z.string(),
    inCluster: z.boolean(),
    connectTo: z.string().nullish(),
    credentials: z.string().nullish(),
    ca: z.string().nullish(),
});
const stackOutputs = z.object({ namespace: z.string(), logs: logAccess.nullable() });
export type StackOutputs = z.infer<typeof stackOutputs>;

/** The cluster of a stack. */
export interface StackCluster {
    /** Context of the kubeconfig; undefined: the current one. */
    context?: string;
    env: NodeJS.ProcessEnv;
}

/** Asks the engine for a stack's outputs and its cluster. */
export async function lookUp(stack: string, env = process.env): Promise<{ outputs: unknown; cluster: StackCluster }> {
    const pulumi = (...args: string[]) =>
        command("pulumi", [...args, "--stack", stack, "--json", "--non-interactive"], { env });
    const [outputs, config] = (await Promise.all([pulumi("stack", "output"), pulumi("config")])).map(
        (text) => JSON.parse(text) as Record<string, unknown>,
    ) as [Record<string, unknown>, Record<string, { value?: string } | undefined>];
    return { outputs, cluster: { context: config["kubernetes:context"]?.value, env } };
}

/**
 * A stack's namespace, and how its lines are reached.
 *
 * @throws if the stack ships no lines, or was deployed before it had these outputs
 */
export function linesOf(stack: string, outputs: unknown) {
    const parsed = stackOutputs.safeParse(outputs);
    if (!parsed.success)
        throw new Error(
            `the outputs of stack ${stack} do not say how its Elasticsearch is reached: it is not deployed, or by an earlier version of this program. Run: pulumi up --stack ${stack}`,
        );
    const { namespace, logs } = parsed.data;
    if (logs === null)
        throw new Error(
            `stack ${stack} ships no log lines (shipper none). Its files: kubectl --namespace ${namespace} exec deployment/postgres --container postgres -- sh -c 'tail -n 20 /var/log/postgresql/*.json'`,
        );
    return { namespace, logs };
}

/**
 * Opens the Elasticsearch that a stack ships to. Credentials and authority come from the stack's namespace, and are on no
 * command line. Only an Elasticsearch in the cluster needs a port-forward.
 */
export async function open(stack: string, outputs: unknown, { context, env }: StackCluster): Promise<Elasticsearch> {
    const { namespace, logs } = linesOf(stack, outputs);
    const url = new URL(logs.elasticsearch);
    const args = [...(context === undefined ? [] : ["--context", context]), "--namespace", namespace];
    const get = async (kind: string, name: string) => {
        const object = JSON.parse(
            await command("kubectl", [...args, "get", kind, name, "--output", "json"], { env }),
        ) as {
            data?: Record<string, string>;
        };
        return object.data ?? {};
    };
    const [secret, authority]: Record<string, string>[] = await Promise.all([
        logs.credentials == null ? {} : get("secret", logs.credentials),
        logs.ca == null ? {} : get("configmap", logs.ca),
    ]);
    const access: Access = {
        url,
        search: logs.search,
        authorization: authorizationOf(secret!),
        ca: authority!["ca.crt"],
        address: () => ({ host: logs.connectTo ?? url.hostname.replace(/^\[|\]$/g, ""), port: portOf(url) }),
    };
    if (!logs.inCluster) return new Elasticsearch(access);
    const forward = new PortForward(args, "elasticsearch", portOf(url), env);
    const stop = () => {
        forward.stop();
    };
    return new Elasticsearch({ ...access, address: () => forward.address(), lost: stop, close: stop });
}

const portOf = ({ protocol, port }: URL) => Number(port) || (protocol === "https:" ? 443 : 80);

/** The header for the credentials in a stack's Secret. */
function authorizationOf(data: Record<string, string>): string | undefined {
    const text = (key: string) => Buffer.from(data[key]!, "base64").toString();
    if (data.apiKey !== undefined) return `ApiKey ${text("apiKey")}`;
    if (data.username === undefined) return undefined;
    return `Basic ${Buffer.from(`${text("username")}:${text("password")}`).toString("base64")}`;
}
