import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./sandbox";

/** A GitHub machine as a job's steps see it: `work` is the repository, and stand-ins come first on PATH. */
export class Runner extends Sandbox {
    constructor(files: Record<string, string> = {}) {
        super(files);
        cpSync(".github/scripts", join(this.root, "work/.github/scripts"), { recursive: true });
    }

    /** Runs a step's script, like `shell: bash`. */
    step(script: string, environment: Record<string, string> = {}) {
        const { status, stdout, stderr } = spawnSync(
            "bash",
            ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            {
                cwd: join(this.root, "work"),
                env: {
                    PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`,
                    HOME: this.root,
                    ROOT: this.root,
                    TMPDIR: join(this.root, "tmp"),
                    RUNNER_TEMP: join(this.root, "tmp"),
                    GITHUB_STEP_SUMMARY: join(this.root, "summary.md"),
                    GITHUB_OUTPUT: join(this.root, "output"),
                    GITHUB_SERVER_URL: "https://github.com",
                    GITHUB_REPOSITORY: "acme/pglog",
                    GITHUB_RUN_ID: "42",
                    ...environment,
                },
                encoding: "utf8",
            },
        );
        return { status, stdout, stderr };
    }
}
