import { join } from "node:path";
import { styleText } from "node:util";
import { programs } from "../machine/cache";
import type { Environment } from "../environment/environment";
import { howToGetFluentBit } from "../build/fluentBit";
import { renderParts } from "../build/parts";
import type { Outputs } from "../environment/stack";

/** What `npm start` has come to. */
export interface Result {
    environment: Environment;
    outputs: Outputs;
    /** Whether `pulumi up` changed anything. */
    changed: boolean;
    /** Names of what the namespace has, as kubectl prints them. */
    objects: string[];
    /** The newest log documents, as a table. */
    lines: string;
    /** What the log keeper says of the log volume: whether lines were lost, and how full it is. */
    logVolume: string;
    /** How `npm start` was called, for the commands on the page. */
    flags: string;
}

const heading = (text: string) => styleText("bold", text);

/** The page that `npm start` ends with. */
export function renderPage({ environment, outputs, changed, objects, lines, logVolume, flags }: Result): string {
    const { namespace, services } = outputs;
    const { variables, shipperStandIn } = environment;
    const psql = `${kubectlOf(environment)} --namespace ${namespace} exec --stdin --tty deployment/postgres --container postgres -- psql --username postgres app`;
    const again = flags === "" ? "npm start" : `npm start -- ${flags}`;
    return [
        `PostgreSQL runs, and its log lines arrive in Elasticsearch: ${changed ? "a marker it logged came back from a search" : "nothing had to change"}.`,
        ...(shipperStandIn === undefined
            ? []
            : [`A stand-in for Fluent Bit ships them: ${shipperStandIn}. ${howToGetFluentBit}`]),
        `${heading("Connect")}\n  KUBECONFIG=${variables.KUBECONFIG} ${psql}`,
        `  Clients in the cluster: ${Object.values(services)
            .filter((service) => service !== undefined)
            .map(({ host, port }) => `${host}:${port}`)
            .join(", ")}`,
        `${heading("The last lines of its log, from Elasticsearch")}\n${lines}`,
        `${heading("The log volume")}\n  ${logVolume}`,
        `${heading(`What there is in namespace ${namespace}`)}\n  ${objects.join("\n  ")}`,
        `${heading("Made of")}\n${renderParts(environment.parts)}`,
        [
            heading("What next"),
            `  change a setting in Pulumi.dev.yaml, then: ${again}`,
            `  pulumi and kubectl of this shell: eval "$(npm run --silent local:env${flags === "" ? "" : ` -- ${flags}`})"`,
            `  stop it: npm stop${flags === "" ? "" : ` -- ${flags}`}`,
        ].join("\n"),
    ].join("\n\n");
}

/** kubectl by its path, so that the line works in a shell that knows nothing of the environment. */
function kubectlOf({ name }: Environment) {
    return name.startsWith("context-") ? "kubectl" : join(programs, "kubectl");
}
