import type { Plan } from "./change";
import { classify, type Classification } from "./classify";
import type { Level } from "./effect";
import { verdict, type Verdict } from "./verdict";

/** The report that a reviewer gets for a plan. */
export interface Report extends Classification {
    plan: Plan;
    verdict: Verdict;
}

export function reportOf(plan: Plan): Report {
    const classification = classify(plan);
    return { plan, ...classification, verdict: verdict(plan, classification) };
}

/** True if the report has one of the levels that stop a deployment. */
export function failing({ levels: found }: Report, failOn: readonly Level[]): boolean {
    return found.some((level) => failOn.includes(level));
}
