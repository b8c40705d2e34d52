/** Prices that people enter by hand are looked at again within half a year. */
export const priceDays = 180;

const dayMilliseconds = 86_400_000;

/**
 * What is wrong with the day on which prices were entered; null where nothing is.
 * @param enteredOn ISO date; null where nobody has said
 * @param now ISO 8601
 */
export function stalePrices({ enteredOn, now }: { enteredOn: string | null; now: string }): string | null {
  if (enteredOn === null) return 'nobody has said when they were entered';
  const days = Math.floor((Date.parse(now) - Date.parse(enteredOn)) / dayMilliseconds);
  return days > priceDays ? `entered on ${enteredOn}, ${days} days ago > ${priceDays}` : null;
}
