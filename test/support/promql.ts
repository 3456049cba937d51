import { parser } from "@prometheus-io/lezer-promql";

/** A metric in an expression, with the labels that it must have. */
export interface Selector {
    metric: string;
    labels: [name: string, operator: string, value: string][];
}

/**
 * The metrics of a PromQL expression, read with Prometheus's own grammar for editors.
 *
 * @throws if the expression has a syntax error
 */
export function selectorsOf(expression: string): Selector[] {
    const found: Selector[] = [];
    const text = ({ from, to }: { from: number; to: number }) => expression.slice(from, to);
    parser.parse(expression).iterate({
        enter: (node) => {
            if (node.type.isError) throw new Error(`syntax error at ${node.from} of ${expression}`);
            if (node.name === "VectorSelector") found.push({ metric: "", labels: [] });
            if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector")
                found.at(-1)!.metric = text(node);
            if (node.name === "UnquotedLabelMatcher") {
                const [name, operator, value] = ["LabelName", "MatchOp", "StringLiteral"].map((part) =>
                    text(node.node.getChild(part)!),
                );
                found.at(-1)!.labels.push([name!, operator!, JSON.parse(value!) as string]);
            }
        },
    });
    return found;
}

/** The samples of a scrape: name and labels. */
export function samplesOf(scrape: string): { metric: string; labels: Record<string, string> }[] {
    return scrape
        .split("\n")
        .filter((line) => /^\w/.test(line))
        .map((line) => {
            const [, metric, labels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line)!;
            const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!] as const);
            return { metric: metric!, labels: Object.fromEntries(pairs) };
        });
}

/** Whether a scrape has a sample that a selector finds. */
export function finds(samples: ReturnType<typeof samplesOf>, { metric, labels }: Selector): boolean {
    return samples.some(
        (sample) =>
            sample.metric === metric &&
            labels.every(([name, operator, value]) => {
                const given = sample.labels[name] ?? "";
                return operator === "=~" ? new RegExp(`^(${value})$`).test(given) : given === value;
            }),
    );
}
