import { join, resolve } from "node:path";
import { programs } from "../machine/cache";
import { nodeName, type ClusterPaths } from "./files";
import type { Network } from "./network";

/** A program of the cluster and its arguments. */
export interface Component {
    name: string;
    program: string;
    args: string[];
}

const project = resolve(__dirname, "../..");
const etcd = "http://127.0.0.1:2379"; // in the environment's own network namespace

const kube = (name: string, ...args: string[]): Component => ({ name, program: join(programs, name), args });

/** The programs of a one-node cluster. */
export function components(network: Network, paths: ClusterPaths): Component[] {
    return [
        ...storageAndRuntime(paths),
        ...controlPlane(network, paths),
        ...nodeAgents(network, paths),
        ...addOns(network, paths),
    ];
}

function storageAndRuntime(paths: ClusterPaths): Component[] {
    return [
        {
            name: "etcd",
            program: "etcd",
            args: [
                ...[`--data-dir=${paths.etcd}`, `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
                ...["--listen-peer-urls=http://127.0.0.1:2380", "--unsafe-no-fsync", "--log-level=error"],
            ],
        },
        {
            name: "containerd",
            program: "containerd",
            args: ["--config", join(paths.cluster, "containerd.toml")],
        },
    ];
}

function controlPlane(network: Network, paths: ClusterPaths): Component[] {
    const config = `--kubeconfig=${paths.kubeconfig}`;
    const key = join(paths.certificates, "service-accounts.key");
    return [
        kube(
            "kube-apiserver",
            ...[`--etcd-servers=${etcd}`, `--cert-dir=${paths.certificates}`],
            ...[`--service-cluster-ip-range=${network.services}`, `--advertise-address=${network.node}`],
            ...["--bind-address=0.0.0.0", "--authorization-mode=Node,RBAC", "--allow-privileged=true"],
            ...[`--token-auth-file=${join(paths.cluster, "tokens.csv")}`],
            ...[`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`],
            ...["--service-account-issuer=https://kubernetes.default.svc"],
            ...["--kubelet-preferred-address-types=InternalIP"],
        ),
        kube(
            "kube-controller-manager",
            ...[config, `--service-account-private-key-file=${key}`, "--use-service-account-credentials=false"],
            ...[`--cluster-cidr=${network.pods}`, "--leader-elect=false"],
        ),
        kube("kube-scheduler", config, "--leader-elect=false"),
    ];
}

function nodeAgents(network: Network, paths: ClusterPaths): Component[] {
    const config = `--kubeconfig=${paths.kubeconfig}`;
    return [
        kube(
            "kubelet",
            ...[config, `--config=${join(paths.cluster, "kubelet.yaml")}`, `--root-dir=${paths.kubelet}`],
            ...[`--hostname-override=${nodeName}`, `--node-ip=${network.node}`],
        ),
        kube(
            "kube-proxy",
            ...[config, `--hostname-override=${nodeName}`, `--cluster-cidr=${network.pods}`],
            ...["--proxy-mode=iptables", "--nodeport-addresses=primary"],
            // The kernel's limits on connections belong to the whole machine, so kube-proxy leaves them alone.
            ...["--conntrack-max-per-core=0"],
            ...["--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0"],
        ),
    ];
}

function addOns(network: Network, paths: ClusterPaths): Component[] {
    return [
        kube("coredns", "-conf", join(paths.cluster, "Corefile")),
        kube(
            "local-path-provisioner",
            ...["start", "--kubeconfig", paths.kubeconfig, "--config", join(paths.cluster, "local-path.json")],
            ...["--provisioner-name=rancher.io/local-path", "--namespace=kube-system"],
            ...["--configmap-name=local-path-config", "--service-account-name=default", "--helper-image=unused"],
        ),
        {
            name: "load-balancer",
            program: join(project, "node_modules", ".bin", "tsx"),
            args: [join(__dirname, "loadBalancer.ts"), paths.kubeconfig, network.node],
        },
    ];
}
