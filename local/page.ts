import { styleText } from "node:util";
import type { Environment } from "./environment";
import { howToGetFluentBit } from "./fluentBit";
import { renderParts } from "./parts";
import type { Outputs } from "./stack";

/** What `npm start` has come to. */
export interface Result {
    environment: Environment;
    outputs: Outputs;
    /** How many objects the last `pulumi up` changed. */
    changes: number;
    /** Names of what the namespace has, as kubectl prints them. */
    objects: string[];
    /** The newest log documents, as a table; undefined where there is no shipper. */
    lines?: string;
    /** How `npm start` was called, for the commands on the page. */
    flags: string;
}

const heading = (text: string) => styleText("bold", text);

/** The page that `npm start` ends with. */
export function renderPage({ environment, outputs, changes, objects, lines, flags }: Result): string {
    const { namespace, services } = outputs;
    const { variables, noShipper } = environment;
    const psql = `kubectl --namespace ${namespace} exec --stdin --tty deployment/postgres --container postgres -- psql --username postgres app`;
    const again = flags === "" ? "npm start" : `npm start -- ${flags}`;
    const first =
        noShipper === undefined
            ? `PostgreSQL runs, and its log lines arrive in Elasticsearch: ${changes === 0 ? "nothing had to change" : "a marker it logged came back from a search"}.`
            : `PostgreSQL runs, without log shipping: ${noShipper}. ${howToGetFluentBit}`;
    return [
        first,
        `${heading("Connect")}\n  KUBECONFIG=${variables.KUBECONFIG} ${kubectlOf(environment)}${psql.slice("kubectl".length)}`,
        `  Clients in the cluster: ${Object.values(services)
            .filter((service) => service !== undefined)
            .map(({ host, port }) => `${host}:${port}`)
            .join(", ")}`,
        ...(lines === undefined ? [] : [`${heading("The last lines of its log, from Elasticsearch")}\n${lines}`]),
        `${heading(`What there is in namespace ${namespace}`)}\n  ${objects.join("\n  ")}`,
        `${heading("Made of")}\n${renderParts(environment.parts)}`,
        [
            heading("What next"),
            `  change a setting in Pulumi.dev.yaml, see what it would do (npm run report -- --help), then: ${again}`,
            `  pulumi and kubectl of this shell: eval "$(npm run --silent local:env${flags === "" ? "" : ` -- ${flags}`})"`,
            `  stop it: npm stop${flags === "" ? "" : ` -- ${flags}`}`,
        ].join("\n"),
    ].join("\n\n");
}

/** kubectl by its path, so that the line works in a shell that knows nothing of the environment. */
function kubectlOf({ name, variables }: Environment) {
    return name.startsWith("context-") ? "kubectl" : `${variables.PATH!.split(":")[2]}/kubectl`;
}
