/** A number for people: four decimals under 1, fewer above, never a rounded-away zero. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size < 0.001) return trimExponent(value);
  if (size >= 1e6) return trimExponent(value);
  return String(Number(value.toFixed(size < 1 ? 4 : size < 100 ? 3 : 1)));
}

const trimExponent = (value: number): string => {
  const [mantissa, exponent] = value.toExponential(2).split('e');
  return `${Number(mantissa)}e${Number(exponent)}`;
};

/** A number with its sign, for differences; the minus is the typographic one. */
export const formatDifference = (value: number): string =>
  value > 0 ? `+${formatNumber(value)}` : formatNumber(value).replace('-', '−');

/** A count with its thousands apart: `1,234,567`. */
export const formatCount = (count: number): string =>
  (Number.isInteger(count) ? String(count) : formatNumber(count)).replace(/\B(?=(?:\d{3})+(?!\d))/g, ',');

/** A share 0..1 as a percentage. */
export const formatShare = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))} %`;

const plural = (count: number, unit: string): string => `${count} ${unit}`;

/** A length of time in its two largest units: `1 d 4 h`, `12 min 5 s`, `0.8 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return plural(Number(seconds.toFixed(1)), 's');
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => plural(count, unit))
    .join(' ');
}

/** An ISO 8601 time as `2026-11-21 14:05:09 UTC`. */
export const formatTime = (iso: string): string => {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** US dollars, with cents, and with more where there is less than a cent. */
export const formatUsd = (usd: number): string =>
  usd > 0 && usd < 0.01 ? `$${Number(usd.toPrecision(2))}` : `$${usd.toFixed(2)}`;

/** Text that may be shown in a terminal: control characters of an answer could clear the screen or hide a line. */
export const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\u{fffd}');

/** The start of a digest, enough to tell two apart by eye. */
export const shortDigest = (digest: string): string => digest.slice(0, 12);

/** Size of a file in the unit that reads best. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, bytes === 0 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1))} ${units[power]}`;
}
