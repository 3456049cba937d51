import assert from "node:assert/strict";
import { endpointUrl, searchPattern, type ElasticsearchEndpoint } from "../../../components/elasticsearch/endpoint";

const endpoint: ElasticsearchEndpoint = {
    inCluster: false,
    scheme: "https",
    host: "elasticsearch",
    port: 9200,
    serverName: "es.example.com",
    auth: "none",
    target: "data-stream",
    index: "logs-postgresql.log-test",
};

describe("elasticsearchEndpoint", () => {
    const urls: [Partial<ElasticsearchEndpoint>, string][] = [
        [{}, "https://es.example.com:9200"],
        [{ scheme: "http", port: 80 }, "http://es.example.com:80"],
        [{ serverName: "192.0.2.7" }, "https://192.0.2.7:9200"],
        [{ serverName: "2001:db8::7" }, "https://[2001:db8::7]:9200"],
    ];
    for (const [change, url] of urls)
        it(`has the URL ${url}`, () => {
            assert.equal(endpointUrl({ ...endpoint, ...change }), url);
        });

    it("is searched by the name of the data stream, or by a pattern for all daily indices", () => {
        assert.equal(searchPattern({ target: "data-stream", index: "logs" }), "logs");
        assert.equal(searchPattern({ target: "index", index: "logs" }), "logs-*");
    });
});
