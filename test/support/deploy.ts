import { evaluate, type EvaluateOptions, type Evaluation } from "../../render/engine/evaluate";

/** The result of a program without failures. */
export type Deployment = Omit<Evaluation, "failures">;

/**
 * Runs a whole program without an engine.
 *
 * @throws the first failure
 */
export async function deploy(program: () => unknown, options: EvaluateOptions = {}): Promise<Deployment> {
    const { failures, ...deployment } = await evaluate(program, options);
    if (failures.length > 0) throw failures[0] as Error;
    return deployment;
}
