/**
 * Whether what a test finds is to be written down as what is right, with `UPDATE_GOLDEN=1`.
 *
 * @throws in CI, where nobody would look at what is written
 */
export function updateGolden({ UPDATE_GOLDEN, CI } = process.env): boolean {
    if (UPDATE_GOLDEN !== "1") return false;
    if (CI) throw new Error("UPDATE_GOLDEN is not for CI: what it writes is to be reviewed and committed");
    return true;
}
