/**
 * Minutes that a first start takes on two cores. docs/local.md has the measurement, and a test compares the two.
 */
export const firstStartMinutes = 9;

/**
 * The first lines of a start for which programs or images are still to be built or downloaded.
 *
 * @param missing what the cache does not have, with how it is had
 */
export function renderFirstStart(missing: string[], cache: string): string {
    return [
        `A first start takes about ${firstStartMinutes} minutes on two cores, and later starts take seconds.`,
        `These are missing in ${cache}, and are built or downloaded now:`,
        ...missing.map((one) => `  ${one}`),
    ].join("\n");
}
