import { parseAllDocuments } from "yaml";

/**
 * A YAML file whose documents are the parts of one map.
 *
 * @throws if it is no YAML
 */
export function yamlOf(text: string): unknown {
    const documents = [...parseAllDocuments(text)].map((document) => {
        if (document.errors[0] !== undefined) throw document.errors[0];
        return document.toJS() as unknown;
    });
    return documents.length === 1 ? documents[0] : Object.assign({}, ...documents);
}

/**
 * A request of Elasticsearch's set-up: a line with the request, and its body.
 *
 * @throws if the body is no JSON
 */
export function requestOf(text: string): unknown {
    const [request, ...body] = text.split("\n");
    return { request, ...(JSON.parse(body.join("\n")) as object) };
}
