/**
 * Adjusted p-values after Holm 1979, in the order given: each may be compared with alpha, and the chance that any true
 * null falls stays at alpha. Used only where any one of several findings suffices, such as naming a slice as harmed.
 */
export function holmAdjust(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = running;
  });
  return adjusted;
}
