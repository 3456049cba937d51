/**
 * True if a test writes its result as the new golden file (`UPDATE_GOLDEN=1`).
 *
 * @throws in CI, where nobody would review the new file
 */
export function updateGolden({ UPDATE_GOLDEN, CI } = process.env): boolean {
    if (UPDATE_GOLDEN !== "1") return false;
    if (CI) throw new Error("UPDATE_GOLDEN is not for CI: review and commit what it writes");
    return true;
}
