import assert from "node:assert/strict";
import { parse } from "yaml";
import { clusterFiles, clusterObjects, clusterPaths, kubeconfig } from "../../../local/cluster/files";
import { networkOf } from "../../../local/cluster/network";

/** Two environments must not share these, so that they can run at the same time. */
describe("the files of a cluster", () => {
    const files = (name: string, block: number) => {
        const paths = clusterPaths(`/cache/environments/${name}`);
        const network = networkOf(block);
        return {
            ...clusterFiles(network, paths, `/pglog-${name}`, "pglog.local/pause:1", `token-of-${name}`),
            kubeconfig: kubeconfig(name, network, paths, `token-of-${name}`),
            objects: JSON.stringify(clusterObjects(network, "pglog.local/helper:1")),
        };
    };
    const [one, two] = [files("one", 200), files("two", 201)];

    it("contain nothing of a different environment", () => {
        for (const [name, text] of Object.entries(one))
            assert.doesNotMatch(text, /10\.201\.|environments\/two|token-of-two/, name);
        for (const [name, text] of Object.entries(two))
            assert.doesNotMatch(text, /10\.200\.|environments\/one|token-of-one/, name);
    });

    it("refer to the server's own certificate", () => {
        const { clusters } = parse(one.kubeconfig) as { clusters: { cluster: object }[] };
        assert.deepEqual(clusters[0]!.cluster, {
            server: "https://10.200.0.2:6443",
            "certificate-authority": "/cache/environments/one/cluster/certificates/apiserver.crt",
        });
    });

    it("keep every image on the node, since none can be pulled again", () => {
        assert.equal(
            (parse(one["kubelet.yaml"]) as { imageGCHighThresholdPercent: number }).imageGCHighThresholdPercent,
            100,
        );
    });
});
