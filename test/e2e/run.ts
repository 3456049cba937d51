import { run } from "../../report/source/run";

export { run };

/** Runs a program that must succeed, and returns what it printed. */
export async function output(program: string, args: string[], options: Parameters<typeof run>[2] = {}) {
    const { status, stdout, stderr } = await run(program, args, options);
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status}\n${stdout}\n${stderr}`);
    return stdout;
}

/** Asks until the answer is accepted, for at most `seconds`. The error contains the last answer. */
export async function until<Answer>(
    what: string,
    ask: () => Promise<Answer>,
    satisfies: (answer: Answer) => boolean,
    seconds = 120,
): Promise<Answer> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await ask().catch((error: unknown) => error as Error);
        if (!(answer instanceof Error) && satisfies(answer)) return answer;
        if (Date.now() > end)
            throw new Error(
                `${what} did not come true in ${seconds}s; last: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`,
            );
        await new Promise((resolve) => setTimeout(resolve, 500));
    }
}
