import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { Runner } from "./support/runner";
import { programPath } from "./support/sandbox";
import { stacks } from "./support/stackFile";

interface Step {
    name?: string;
    uses?: string;
    run?: string;
    with?: Record<string, unknown>;
}
interface Job {
    if?: string;
    needs?: string;
    environment?: string | { name: string };
    permissions?: Record<string, string>;
    "timeout-minutes"?: number;
    strategy?: { matrix: Record<string, string[]> };
    steps: Step[];
}
interface Workflow {
    on: Record<string, unknown>;
    permissions?: object;
    jobs: Record<string, Job>;
}

const read = (path: string) => readFileSync(path, "utf8");
const names = readdirSync(".github/workflows");
const texts = names.map((name) => read(`.github/workflows/${name}`));
const workflows = Object.fromEntries(
    names.map((name, i) => [name.replace(/\.yml$/, ""), parse(texts[i]!) as Workflow]),
);
const jobs = Object.entries(workflows).flatMap(([workflow, { on, jobs: all }]) =>
    Object.entries(all).map(([id, job]) => ({ ...job, id: `${workflow}.${id}`, workflow, on: Object.keys(on) })),
);
const steps = jobs.flatMap((job) => job.steps.map((step) => ({ ...step, job })));
const scripts = readdirSync(".github/scripts").map((name) => `.github/scripts/${name}`);
const { scripts: npmScripts, dependencies } = JSON.parse(read("package.json")) as Record<
    string,
    Record<string, string>
>;

/** The scripts of a job's steps in order, or only the named step. */
function shell(workflow: string, job: string, step?: string): string[] {
    const all = workflows[workflow]!.jobs[job]!.steps.filter(({ name }) => step === undefined || name === step);
    assert.notEqual(all.length, 0, `${workflow}.${job} has no step ${step}`);
    return all.flatMap(({ run }) => run ?? []);
}

describe("The workflows", () => {
    it("give each job only the permissions that it needs", () => {
        for (const [name, { permissions }] of Object.entries(workflows)) assert.deepEqual(permissions, {}, name);
        const contents = "read";
        const pulumi = { contents, "id-token": "write" };
        const deploy = { ...pulumi, "pull-requests": "read" };
        const comment = { contents, "pull-requests": "write" };
        assert.deepEqual(Object.fromEntries(jobs.map(({ id, permissions }) => [id, permissions])), {
            "verify.test": { contents },
            "verify.report": { contents },
            "verify.comment": comment,
            "preview.preview": pulumi,
            "preview.previews": {},
            "preview.comment": comment,
            "deploy.dev": deploy,
            "deploy.staging": deploy,
            "deploy.prod": deploy,
            "deploy.not-set-up": {},
            "drift.refresh": pulumi,
            "drift.issues": { contents, issues: "write" },
            "drift.not-set-up": {},
        });
    });

    it("run a pull request's code only in the pull request's own context", () => {
        for (const { id, on } of jobs)
            assert.ok(!on.includes("pull_request_target") && !on.includes("workflow_run"), id);
        for (const { id, if: condition, permissions } of jobs.filter(({ on }) => on.includes("pull_request")))
            if (permissions?.["id-token"] !== undefined)
                assert.match(
                    condition!,
                    /&& github\.event\.pull_request\.head\.repo\.full_name == github\.repository/,
                    id,
                );
    });

    it("keep the token that can write to a pull request away from the pull request's code", () => {
        for (const { id, permissions, steps: own } of jobs) {
            if (permissions?.["pull-requests"] !== "write") continue;
            const [checkout] = own.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
            assert.equal(checkout?.with?.ref, "${{ github.event.pull_request.base.sha }}", id);
            for (const { run } of own) assert.match(run ?? ".github/scripts/", /^\.github\/scripts\/[^\n]*$/, id);
        }
    });

    it("pin every action by its commit, with the version beside it, the same one everywhere", () => {
        const pins = texts.flatMap((text) => text.split("\n").filter((line) => /\buses:/.test(line)));
        for (const line of pins) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
        const distinct = new Set(pins.map((line) => line.replace(/^.*uses: /, "")));
        assert.equal(
            distinct.size,
            new Set([...distinct].map((pin) => pin.split("@")[0])).size,
            [...distinct].join("\n"),
        );
    });

    it("pass text to a shell only through the environment", () => {
        for (const { run = "", job } of steps) assert.ok(!run.includes("${{"), `${job.id}: ${run}`);
    });

    it("leave no credentials in the checkout, and use no cache", () => {
        for (const { uses = "", with: inputs, job } of steps) {
            if (uses.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false, job.id);
            if (uses.startsWith("actions/setup-node@")) assert.equal(inputs?.["package-manager-cache"], false, job.id);
            assert.ok(inputs?.cache === undefined && !uses.includes("/cache@"), job.id);
        }
    });

    it("end in time", () => {
        for (const { id, "timeout-minutes": minutes } of jobs)
            assert.ok(minutes !== undefined && minutes <= 60, `${id}: ${minutes}`);
    });

    it("cover the committed stacks, and deploy to them one after the other", () => {
        const committed = readdirSync(".").flatMap((name) => /^Pulumi\.(\w+)\.yaml$/.exec(name)?.[1] ?? []);
        assert.deepEqual([...stacks].sort(), committed.sort());
        for (const { id, strategy, environment } of jobs) {
            if (strategy === undefined) continue;
            assert.deepEqual(strategy.matrix, { stack: [...stacks] }, id);
            assert.equal((environment as { name: string }).name, "preview-${{ matrix.stack }}", id);
        }
        const deployed = Object.entries(workflows.deploy!.jobs).filter(
            ([, { environment }]) => environment !== undefined,
        );
        assert.deepEqual(
            deployed.map(([id, { environment, needs }]) => [id, environment, needs]),
            stacks.map((stack, i) => [stack, stack, stacks[i - 1]]),
        );
    });

    it("skip what needs credentials until there are some, and say so", () => {
        for (const { id, if: condition = "", needs, steps: own } of jobs) {
            if (!own.some(({ uses }) => uses?.startsWith("pulumi/"))) continue;
            assert.ok(
                condition.includes("vars.PULUMI_ORGANIZATION != ''") ||
                    id === `deploy.${needs === "dev" ? "staging" : "prod"}`,
                id,
            );
        }
        for (const [workflow, job] of [
            ["preview", "previews"],
            ["deploy", "not-set-up"],
            ["drift", "not-set-up"],
        ] as const) {
            const made = new Runner();
            const { status, stdout } = made.step(shell(workflow, job)[0]!, {
                REASON: "PULUMI_ORGANIZATION is not set",
            });
            assert.equal(status, 0);
            assert.match(stdout, /^::notice title=.*PULUMI_ORGANIZATION/);
            assert.match(made.read("summary.md"), /PULUMI_ORGANIZATION/);
            made.remove();
        }
    });

    it("use existing npm scripts, and the engine that package.json names", () => {
        const shells = [...steps.map(({ run = "" }) => run), ...scripts.map(read)].join("\n");
        const used = [...shells.matchAll(/npm (?:run (?:--silent )?)?([\w:]+)/g)].map(([, name]) => name!);
        assert.deepEqual([...new Set(used)].sort(), ["ci", "render", "report", "test"]);
        for (const name of used) assert.ok(name === "ci" || name in npmScripts!, `npm run ${name}`);
        for (const { uses = "", with: inputs } of steps)
            if (uses.startsWith("pulumi/actions@"))
                assert.equal(inputs?.["pulumi-version"], dependencies!["@pulumi/pulumi"]);
    });

    it("have valid bash in every step", () => {
        for (const [name, script] of [
            ...scripts.map((path) => [path, read(path)] as const),
            ...steps.map(({ job, run = "" }) => [job.id, run] as const),
        ])
            assert.equal(spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr, "", name);
    });

    it("use the same label everywhere", () => {
        for (const path of [
            "workflows/verify.yml",
            "workflows/preview.yml",
            "workflows/deploy.yml",
            "scripts/report.sh",
        ])
            assert.match(read(`.github/${path}`), /\baccept-risk\b/, path);
        assert.match(read("docs/pull-requests.md"), /`accept-risk`/);
    });
});

describe("The shells of the workflows", () => {
    before(function () {
        const missing = ["git", "jq"].filter((name) => programPath(name) === undefined);
        if (process.platform === "linux" && missing.length === 0) return;
        console.log("      (left out: they need Linux, git and jq, which GitHub's machines have)");
        this.skip();
    });
    let runner: Runner;
    beforeEach(() => {
        runner = new Runner();
    });
    afterEach(() => {
        runner.remove();
    });

    describe("that report on a pull request", () => {
        /** Stands in for npm: a stack's render is its file, and the report exits with the text of the new file. */
        const npm = `
case "$1 \${3-}" in
    "ci ") touch installed; [ "$PWD" != "$RUNNER_TEMP/base" ] || ! grep -q broken Pulumi.*.yaml ;;
    "run render") ! grep broken "Pulumi.$6.yaml" >&2 && [ -e installed ] && mkdir -p "$8" && cp "Pulumi.$6.yaml" "$8/stack" && echo a note >&2 ;;
    "run report")
        [ ! -e report/unreadable ] || exit 1
        printf '### %s\\n\\nfrom %s to %s\\n' "$6" "$(<"$8/stack")" "$(<"\${10}/stack")"
        [ -e report/softened ] || exit "$(<"\${10}/stack")" ;;
esac`;
        /** Runs verify's job `report` for a pull request with these stack files before and after. */
        const report = (
            base: Record<string, string>,
            head: Record<string, string>,
            ACCEPTED = "false",
            rules = { base: "rules", head: "rules" },
        ) => {
            runner.program("npm", npm);
            const commit = (files: Record<string, string>, message: string) => {
                for (const [stack, content] of Object.entries(files))
                    runner.write(`work/Pulumi.${stack}.yaml`, content);
                const git = "git -c user.name=a -c user.email=a@example.com";
                const { status, stderr } = runner.step(`git init -q; git add .; ${git} commit -qm ${message}`);
                assert.equal(status, 0, stderr);
            };
            runner.write(`work/report/${rules.base}`, "");
            commit(base, "base");
            runner.step("rm -rf Pulumi.*.yaml report");
            runner.write(`work/report/${rules.head}`, "");
            commit(head, "head");
            let outcome = { status: 0 as number | null, stdout: "", stderr: "" };
            for (const script of shell("verify", "report"))
                if (outcome.status === 0) outcome = runner.step(script, { ACCEPTED });
            return {
                ...outcome,
                summary: runner.read("summary.md"),
                of: (stack: string) => runner.read(`work/reports/${stack}.md`),
            };
        };

        it("pass if no stack is at risk, and put every report into the summary", () => {
            const { status, summary, of } = report({ dev: "0", prod: "0" }, { dev: "00", prod: "0" });
            assert.equal(status, 0);
            assert.equal(of("dev"), "### dev\n\nfrom 0 to 00\n\n");
            assert.equal(summary, of("dev") + of("prod"));
        });

        it("fail if a stack would lose data, and say how to accept it", () => {
            const { status, stdout, summary, of } = report({ dev: "0", prod: "0" }, { dev: "2", prod: "0" });
            assert.equal(status, 2);
            assert.match(stdout, /^::error title=dev::This needs consent\. .* label the pull request accept-risk\.$/m);
            assert.match(of("dev"), /^### dev\n\n\*\*This needs consent\. .*\*\*\n\nfrom 0 to 2\n/);
            assert.equal(summary, of("dev") + of("prod"));
        });

        it("judge by the rules of the base, and say that the pull request edits them", () => {
            const soft = report({ dev: "0" }, { dev: "2" }, "false", { base: "rules", head: "softened" });
            assert.equal(soft.status, 2);
            assert.match(
                soft.summary,
                /^This change edits the rules of the report\. The rules of the base judge it\.$/m,
            );
        });

        it("need consent when the rules of the base cannot read the change, whatever its own rules say", () => {
            const { status, summary } = report({ dev: "0" }, { dev: "0" }, "false", {
                base: "unreadable",
                head: "softened",
            });
            assert.equal(status, 2);
            assert.match(summary, /^The rules of the base cannot read this change: its own rules judge it\.$/m);
        });

        it("pass with a warning when the label accepts it", () => {
            const { status, stdout, summary } = report({ dev: "0" }, { dev: "2" }, "true");
            assert.equal(status, 0);
            assert.match(stdout, /^::warning title=dev::.* the label accept-risk gives\.$/m);
            assert.match(summary, /from 0 to 2/);
        });

        for (const label of ["true", "false"])
            for (const head of [
                { dev: "1", prod: "2" },
                { dev: "2", prod: "1" },
            ])
                it(`fail if one stack has no report, whatever the other's result: ${JSON.stringify(head)}, ${label}`, () => {
                    const { status, stdout } = report({ dev: "0", prod: "0" }, head, label);
                    assert.equal(status, 1);
                    assert.match(stdout, /^::error title=\w+::There is no complete report\.$/m);
                });

        it("fail if a stack cannot be rendered, with the command's output", () => {
            const { status, stdout, of } = report({ dev: "0" }, { dev: "broken" });
            assert.equal(status, 1);
            assert.match(stdout, /^::error title=dev::The stack cannot be rendered\.$/m);
            assert.match(of("dev"), /^### `dev`: cannot be rendered\n\n {4}broken\n/);
        });

        it("pass if only the base cannot be rendered, and say so", () => {
            const { status, summary } = report({ dev: "broken" }, { dev: "0" });
            assert.equal(status, 0);
            assert.match(summary, /^### `dev`: no comparison, since the base cannot be rendered\n\n {4}broken\n/);
        });

        it("pass for a new stack and for a removed one", () => {
            const { status, of } = report({ old: "0" }, { dev: "0" });
            assert.equal(status, 0);
            assert.match(of("dev"), /^### `dev`: a new stack, with nothing to compare it with\n+$/);
            assert.match(of("old"), /stays until `pulumi destroy --stack old`/);
        });
    });

    for (const [workflow, job] of [
        ["preview", "preview"],
        ["deploy", "dev"],
    ] as const)
        it(`${workflow} reports on a preview that failed, and fails with it even when the report does not`, () => {
            const environment = { STACK: "prod", PULUMI_ORGANIZATION: "acme", ACCEPTED: "false" };
            const [script] = shell(workflow, job, "Preview and report");
            runner.step('mkdir -p "$RUNNER_TEMP/base/.github" && cp -r .github/scripts "$RUNNER_TEMP/base/.github"');
            for (const [previewed, reported, status] of [
                [0, 0, 0],
                [255, 1, 1],
                [255, 0, 255],
                [0, 2, 2],
            ]) {
                runner.program("pulumi", `echo "$*"; echo noise >&2; exit ${previewed}`);
                runner.program("npm", `echo "$*"; echo "judged in $PWD"; cat "\${@: -1}"; exit ${reported}`);
                assert.equal(runner.step(script!, environment).status, status);
                const made = runner.read("work/reports/prod.md");
                assert.match(made, /^run --silent report -- --stack prod --preview \//);
                assert.match(made, workflow === "preview" ? /^judged in .*\/tmp\/base$/m : /^judged in .*\/work$/m);
                assert.match(made, /^preview --json --show-sames --non-interactive --stack acme\/prod$/m);
                assert.doesNotMatch(made, /noise/);
                assert.ok(runner.read("summary.md").endsWith(made));
            }
        });

    it("a missing report is explained", () => {
        runner.program("pulumi", "echo 'no stack named dev' >&2; exit 6");
        runner.program("npm", "echo 'this is no preview' >&2; exit 1");
        const environment = { PULUMI_ORGANIZATION: "acme" };
        assert.equal(runner.step(".github/scripts/preview.sh dev reports", environment).status, 1);
        const why = "    this is no preview\n\n    no stack named dev\n";
        assert.equal(runner.read("work/reports/dev.md"), `### \`dev\`\n\n**There is no complete report.**\n\n${why}`);
        assert.equal(runner.read("summary.md"), runner.read("work/reports/dev.md"));
    });

    describe("that compare drift", () => {
        const compare = (status: number) => {
            runner.program("pulumi", `echo "$*" >$ROOT/calls; echo "~ replicas: 1 => 2"; exit ${status}`);
            return runner.step(shell("drift", "refresh", "Compare")[0]!, { STACK: "dev", PULUMI_ORGANIZATION: "acme" });
        };

        it("write nothing if the cluster is as recorded", () => {
            assert.equal(compare(0).status, 0);
            assert.equal(runner.step("wc -c <drift/dev.md").stdout, "0\n");
            assert.match(runner.read("calls"), /^refresh --preview-only .* --stack acme\/dev\n$/);
        });

        it("write the difference if it is not", () => {
            assert.equal(compare(7).status, 0);
            assert.match(runner.read("work/drift/dev.md"), /\n\n {4}~ replicas: 1 => 2\n$/);
            assert.equal(runner.read("summary.md"), runner.read("work/drift/dev.md"));
        });

        it("fail if they could not compare, and write no file, so that the issue stays unchanged", () => {
            assert.equal(compare(1).status, 1);
            assert.notEqual(runner.step("ls drift/dev.md").status, 0);
        });
    });

    describe("that write to GitHub", () => {
        const bot = { login: "github-actions[bot]" };
        /** Stands in for gh: returns the first page, or all pages with --paginate, and records what it has to write. */
        const gh = `
for argument; do [ "$argument" != body=@- ] || cat >$ROOT/body; done
case "$*" in
    *--method* | *body=*) echo "$*" >>$ROOT/calls ;;
    *--paginate*) for page in $ROOT/pages/*; do jq -r "\${@: -1}" $page; done ;;
    *) jq -r "\${@: -1}" $ROOT/pages/1 ;;
esac`;
        const pages = (...all: object[][]) => {
            runner.program("gh", gh);
            all.forEach((page, i) => {
                runner.write(`pages/${i + 1}`, JSON.stringify(page));
            });
        };
        const own = { id: 7, user: bot, body: "<!-- pglog verify -->\nold" };
        const others = [
            { id: 1, user: { login: "someone" }, body: own.body },
            { id: 2, user: bot, body: "<!-- pglog preview -->\nother" },
        ];
        const comment = (...reports: string[]) => {
            reports.forEach((report, i) => {
                runner.write(`work/reports/${i}.md`, report);
            });
            const environment = { PULL_REQUEST: "12", HEAD_SHA: "0a1b2c", RESULTS: "test success, report failure" };
            const { status, stderr } = runner.step(shell("verify", "comment", "Comment")[0]!, environment);
            assert.equal(status, 0, stderr);
            return { calls: runner.read("calls"), body: runner.read("body") };
        };

        it("create a workflow's comment if there is none, and leave other comments alone", () => {
            pages(others);
            const { calls, body } = comment("## dev\n", "## prod\n");
            assert.equal(calls, "api repos/acme/pglog/issues/12/comments --field body=@- --jq .html_url\n");
            assert.equal(
                body,
                "<!-- pglog verify -->\n**verify** of 0a1b2c: test success, report failure " +
                    "([run](https://github.com/acme/pglog/actions/runs/42))\n\n## dev\n## prod\n",
            );
        });

        it("edit an existing comment, whatever page it is on", () => {
            pages(others, [own]);
            const edit = "api --method PATCH repos/acme/pglog/issues/comments/7 --field body=@- --jq .html_url\n";
            assert.equal(comment("## dev\n").calls, edit);
        });

        it("comment even if there is no report", () => {
            pages([]);
            assert.match(comment().body, /\nThere is no report: what failed came before it\.\n$/);
        });

        it("shorten what GitHub would refuse, and say where the rest is", () => {
            pages([]);
            const { body } = comment("| a line with an é |\n".repeat(5000));
            assert.ok(body.length < 65_536 && body.length > 50_000, `${body.length} characters`);
            assert.match(
                body,
                /^<!-- pglog verify -->\n> \[!NOTE\]\n.*\(https:\/\/github\.com\/acme\/pglog\/actions\/runs\/42\)/,
            );
            assert.ok(body.endsWith("\n| a line with an é |\n"));
        });

        const issue = { number: 9, user: bot, body: "<!-- pglog drift dev -->\nold" };
        const drift = (content: string) => {
            runner.write("work/drift/dev.md", content);
            assert.equal(runner.step(shell("drift", "issues")[0]!).status, 0);
            return runner.read("calls").replaceAll(" --jq .html_url", "").split("\n").slice(0, -1);
        };

        it("open an issue about a stack that differs, and edit the open one", () => {
            pages([
                { ...issue, user: { login: "someone" } },
                { ...issue, body: null },
            ]);
            const opened = "api repos/acme/pglog/issues --raw-field title=Drift in stack dev --field body=@-";
            assert.deepEqual(drift("differs\n"), [opened]);
            assert.match(runner.read("body"), /^<!-- pglog drift dev -->\n.*differs\n$/);
            pages([], [issue]);
            const edited = "api --method PATCH repos/acme/pglog/issues/9 --field body=@-";
            assert.deepEqual(drift("differs\n"), [opened, edited]);
        });

        it("close it when the stack no longer differs, and do nothing if there is none", () => {
            pages([]);
            assert.deepEqual(drift(""), []);
            pages([issue]);
            const [said, closed, ...more] = drift("");
            assert.match(said!, /^api repos\/acme\/pglog\/issues\/9\/comments --raw-field body=/);
            assert.match(closed!, /^api --method PATCH repos\/acme\/pglog\/issues\/9 --raw-field state=closed /);
            assert.deepEqual(more, []);
        });

        it("treat a merged pull request's label as consent to deploy", () => {
            const environment = { GITHUB_SHA: "0a1b2c" };
            for (const [labels, accepted] of [
                [["accept-risk"], true],
                [["bug"], false],
                [[], false],
            ] as const) {
                pages([{ labels: labels.map((name) => ({ name })) }]);
                runner.write("output", "");
                const [script] = shell("deploy", "prod", "Look up what the merged pull request accepts");
                assert.equal(runner.step(script!, environment).status, 0);
                assert.equal(runner.read("output"), `accepted=${accepted}\n`);
            }
        });
    });
});
