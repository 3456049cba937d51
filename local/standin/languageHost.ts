import type { ServerWritableStream } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serve, unary } from "./plugin";

/**
 * The stand-in for pulumi-language-nodejs. It tells the engine which plugins a program needs, and runs programs and
 * policy packs through the SDK's own entry points
 * (https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/nodejs/cmd/pulumi-language-nodejs/main.go). It installs no packages
 * and has no debugger.
 */

/** Address of the engine: the first argument that is not a flag. */
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
/** The exit status of a program that has already reported its error. */
const reportedItself = 32;

interface Package {
    version: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    pulumi?: { resource?: boolean; name?: string; version?: string };
}

function packageOf(directory: string): Package | undefined {
    const file = join(directory, "package.json");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Package) : undefined;
}

/** The resource plugins that a program's dependencies need: name and version. */
function requiredPlugins(root: string): { name: string; version: string }[] {
    const { dependencies, devDependencies } = packageOf(root) ?? {};
    return Object.keys({ ...dependencies, ...devDependencies }).flatMap((name) => {
        const found = packageOf(join(root, "node_modules", name));
        if (!found?.pulumi?.resource) return [];
        const version = (found.pulumi.version ?? found.version).replace(/^v/, "");
        return [{ name: found.pulumi.name ?? name.replace(/^@pulumi\//, ""), version: `v${version}` }];
    });
}

/** The runtime options of Pulumi.yaml that this project may use. */
interface RuntimeOptions {
    typescript?: boolean;
    nodeargs?: string;
    tsconfig?: string;
}

const optionsOf = (info: language.ProgramInfo | undefined): RuntimeOptions => info?.getOptions()?.toJavaScript() ?? {};

function environmentFor({ typescript = true, tsconfig }: RuntimeOptions): NodeJS.ProcessEnv {
    return {
        ...process.env,
        ...(typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(tsconfig !== undefined && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
    };
}

/** Runs a program and waits for its end. */
function run(request: language.RunRequest): Promise<language.RunResponse> {
    const info = request.getInfo();
    const options = optionsOf(info);
    const root = info?.getRootDirectory() ?? request.getPwd();
    const flag = (name: string, value: string) => [`--${name}`, value];
    const args = [
        ...(options.nodeargs?.split(/\s+/) ?? []),
        join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run"),
        ...flag("monitor", request.getMonitorAddress()),
        ...flag("engine", engineAddress),
        ...flag("organization", request.getOrganization() || "organization"),
        ...flag("project", request.getProject()),
        ...flag("stack", request.getStack()),
        ...flag("pwd", request.getPwd()),
        ...(request.getDryrun() ? ["--dry-run"] : []),
        ...flag("parallel", String(request.getParallel())),
        ...flag("root-directory", root),
        [request.getProgram(), info?.getEntryPoint(), "."].find(Boolean)!,
        ...request.getArgsList(),
    ];
    const env = {
        ...environmentFor(options),
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    };
    return new Promise((resolve) => {
        const end = (error: string, bail: boolean) => {
            const response = new language.RunResponse();
            response.setError(error);
            response.setBail(bail);
            resolve(response);
        };
        const child = spawn("node", args, { cwd: request.getPwd(), env, stdio: ["ignore", "inherit", "inherit"] });
        child.on("error", ({ message }) => {
            end(`cannot start node: ${message}`, false);
        });
        child.on("exit", (code, signal) => {
            if (code === 0) end("", false);
            else if (code === reportedItself) end("", true);
            else end(`the program ended with ${signal ?? `status ${code}`}`, false);
        });
    });
}

/** Runs a policy pack and passes its output on. The first line is the port that it listens on. */
function runPlugin(call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>) {
    const { request } = call;
    const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    const runner = join(directory, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");
    const own = request.getEnvList().map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), pair.slice(at + 1)] as const;
    });
    const child = spawn("node", [runner, ...request.getArgsList(), directory], {
        cwd: directory,
        env: { ...environmentFor(optionsOf(request.getInfo())), ...Object.fromEntries(own) },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const send = (fill: (response: language.RunPluginResponse) => void) => {
        const response = new language.RunPluginResponse();
        fill(response);
        call.write(response);
    };
    child.stdout.on("data", (bytes: Buffer) => {
        send((response) => {
            response.setStdout(bytes);
        });
    });
    child.stderr.on("data", (bytes: Buffer) => {
        send((response) => {
            response.setStderr(bytes);
        });
    });
    child.on("close", (code) => {
        send((response) => {
            response.setExitcode(code ?? 1);
        });
        call.end();
    });
    call.on("cancelled", () => child.kill());
}

serve(LanguageRuntimeService, {
    handshake: unary(() => new language.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => {
        const info = new PluginInfo();
        info.setVersion(packageOf(join(__dirname, "..", "..", "node_modules", "@pulumi", "pulumi"))!.version);
        return info;
    }),
    getRequiredPlugins: unary((request: language.GetRequiredPluginsRequest) => {
        const response = new language.GetRequiredPluginsResponse();
        const root = request.getInfo()?.getRootDirectory() ?? request.getPwd();
        response.setPluginsList(
            requiredPlugins(root).map(({ name, version }) => {
                const dependency = new PluginDependency();
                dependency.setName(name);
                dependency.setKind("resource");
                dependency.setVersion(version);
                return dependency;
            }),
        );
        return response;
    }),
    getRequiredPackages: unary((request: language.GetRequiredPackagesRequest) => {
        const response = new language.GetRequiredPackagesResponse();
        response.setPackagesList(
            requiredPlugins(request.getInfo()?.getRootDirectory() ?? ".").map(({ name, version }) => {
                const dependency = new PackageDependency();
                dependency.setName(name);
                dependency.setKind("resource");
                dependency.setVersion(version);
                return dependency;
            }),
        );
        return response;
    }),
    run: unary(run),
    runPlugin,
    about: unary(() => {
        const response = new language.AboutResponse();
        response.setExecutable(process.execPath);
        response.setVersion(process.version);
        return response;
    }),
    getProgramDependencies: unary(() => new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    cancel: unary(() => new Empty()),
});
