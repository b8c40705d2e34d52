/** Numbers for people: at most four significant digits, no exponent for everyday sizes. Results stay unrounded. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'infinity' : value < 0 ? '-infinity' : 'not a number';
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 1e-4 || rounded === 0 ? String(Number(rounded.toFixed(4))) : rounded.toExponential();
}

/** A difference with its sign. */
export const formatDifference = (value: number): string => `${value > 0 ? '+' : ''}${formatNumber(value)}`;

/** An interval: `95 % interval -0.01 to +0.04`. */
export const formatInterval = ({ level, low, high }: { level: number; low: number; high: number }): string =>
  `${formatNumber(level * 100)} % interval ${formatDifference(low)} to ${formatDifference(high)}`;

/** A share as a percentage: 0.05 -> `5 %`. */
export const formatShare = (value: number): string => `${formatNumber(value * 100)} %`;

/** The first few of a list of names, and how many more there are. */
export function formatNames(names: readonly string[], shown = 5): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Cases by the reason that they share, most cases first: `a, b and 40 more (the judge is down); c (no answer)`. */
export function formatReasons(cases: readonly { id: string; reason: string }[], shown = 3): string {
  const byReason = new Map<string, string[]>();
  for (const { id, reason } of cases) {
    const ids = byReason.get(reason);
    if (ids) ids.push(id);
    else byReason.set(reason, [id]);
  }
  const groups = [...byReason].sort(([, one], [, other]) => other.length - one.length);
  const rest = groups.slice(shown).reduce((sum, [, ids]) => sum + ids.length, 0);
  const said = groups.slice(0, shown).map(([reason, ids]) => `${formatNames(ids, 3)} (${reason})`);
  return said.join('; ') + (rest > 0 ? ` and ${rest} for other reasons` : '');
}
