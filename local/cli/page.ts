import { join } from "node:path";
import { styleText } from "node:util";
import { programs } from "../machine/cache";
import type { Connection } from "../environment/connection";
import type { Environment } from "../environment/environment";
import { howToGetFluentBit } from "../build/fluentBit";
import type { Outputs } from "../environment/stack";
import { renderObjects, type KubernetesObject } from "./objects";
import { renderParts } from "./parts";

/** The outcome of `npm start`. */
export interface Result {
    environment: Environment;
    outputs: Outputs;
    /** True if `pulumi up` changed anything. */
    changed: boolean;
    connect: Connection;
    /** The objects of the namespace. */
    objects: KubernetesObject[];
    /** The newest log documents, as a table. */
    lines: string;
    /** The log keeper's report on the log volume: lost lines, and how full it is. */
    logVolume: string;
    /** The flags of `npm start`, for the commands on the page. */
    flags: string;
}

const heading = (text: string) => styleText("bold", text);

/**
 * The page at the end of `npm start`. It is 100 columns wide. Only commands with a long path are wider, because a shell
 * could not read them if they were broken inside the path.
 */
export function renderPage({
    environment,
    outputs,
    changed,
    connect,
    objects,
    lines,
    logVolume,
    flags,
}: Result): string {
    const { shipperStandIn } = environment;
    const proof = changed ? "a marker came back from a search" : "nothing had to change";
    const suffix = flags === "" ? "" : ` -- ${flags}`;
    return [
        `PostgreSQL runs, and its log lines arrive in Elasticsearch: ${proof}.`,
        ...(shipperStandIn === undefined
            ? []
            : [`A stand-in for Fluent Bit ships them:\n  ${shipperStandIn}.\n  ${howToGetFluentBit}`]),
        [heading("Connect"), ...renderConnect(environment, outputs.namespace, connect)].join("\n"),
        `${heading("The last lines of its log, from Elasticsearch")}\n${lines}`,
        renderNamespace(outputs.namespace, objects, logVolume),
        `${heading("Made of")}\n${renderParts(environment.parts)}`,
        [
            heading("What next"),
            "  change a setting in Pulumi.dev.yaml, then:",
            `    npm start${suffix}`,
            "  use pulumi and kubectl in this shell:",
            `    eval "$(npm run --silent local:env${suffix})"`,
            "  stop, and keep the databases:",
            `    npm stop${suffix}`,
        ].join("\n"),
    ].join("\n\n");
}

/** The log volume and the objects of a namespace, for `npm start` and `npm run status`. */
export function renderNamespace(namespace: string, objects: KubernetesObject[], logVolume: string): string {
    return [
        `${heading("The log volume")}\n  ${logVolume}`,
        `${heading(`What runs in namespace ${namespace}`)}\n${renderObjects(objects)}`,
    ].join("\n\n");
}

/**
 * Commands to reach PostgreSQL from this machine, from a Pod, and as the administrator. The administrator can connect
 * only inside the database's Pod.
 */
function renderConnect({ name, variables }: Environment, namespace: string, { inCluster, fromHere }: Connection) {
    // The full path makes the command work in every shell.
    const kubectl = name.startsWith("context-") ? "kubectl" : join(programs, "kubectl");
    return [
        ...(fromHere === undefined ? [] : ["  from this machine:", `    psql "${fromHere}"`]),
        "  from a Pod, with the password of the output connectionUri:",
        `    ${inCluster}`,
        "  as the administrator:",
        `    KUBECONFIG=${variables.KUBECONFIG} \\`,
        `      ${kubectl} \\`,
        `      --namespace ${namespace} exec --stdin --tty deployment/postgres --container postgres -- \\`,
        "      psql --username postgres app",
    ];
}
