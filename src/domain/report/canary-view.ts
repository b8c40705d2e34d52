import type { CanaryLook } from './report-input.js';

export interface GuardView {
  event: string;
  threshold: number;
  /** [time since the first look, e-value]. */
  points: [number, number][];
  highest: number;
  last: number;
  /** Time of the first look at which the guard failed. */
  failedAt: number | null;
}

export interface CanaryView {
  unit: 's' | 'min' | 'h' | 'd';
  looks: number;
  /** Times are in `unit` since the first look. */
  end: number;
  share: [number, number][];
  highestShare: number;
  guards: GuardView[];
  challengerKeys: [number, number][];
  championKeys: [number, number][];
}

const units: [CanaryView['unit'], number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];
const mostPoints = 400;

/** At most about `mostPoints` points; each run of points is stood for by its highest, so that no crossing is hidden. */
export function thinned(points: readonly [number, number][]): [number, number][] {
  if (points.length <= mostPoints) return [...points];
  const size = Math.ceil(points.length / (mostPoints - 2));
  const kept: [number, number][] = [points[0]!];
  for (let start = 1; start < points.length - 1; start += size) {
    const run = points.slice(start, Math.min(start + size, points.length - 1));
    kept.push(run.reduce((most, point) => (point[1] > most[1] ? point : most)));
  }
  return [...kept, points.at(-1)!];
}

/** Only the points at which a step line changes, and the last. */
const changes = (points: readonly [number, number][]): [number, number][] =>
  points.filter(([, value], index) => index === 0 || index === points.length - 1 || value !== points[index - 1]![1]);

/** The canary over time; null when nobody looked. */
export function canaryView({ looks }: { looks: readonly CanaryLook[] }): CanaryView | null {
  const inOrder = looks.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  if (inOrder.length === 0) return null;
  const began = Date.parse(inOrder[0]!.at);
  const span = Date.parse(inOrder.at(-1)!.at) - began;
  const [unit, milliseconds] = units.find(([, size]) => span >= 3 * size) ?? units.at(-1)!;
  const time = (look: CanaryLook): number => (Date.parse(look.at) - began) / milliseconds;
  const series = (value: (look: CanaryLook) => number): [number, number][] =>
    inOrder.map((look) => [time(look), value(look)]);
  const events = [...new Set(inOrder.flatMap((look) => look.guards.map((guard) => guard.event)))];
  return {
    unit,
    looks: inOrder.length,
    end: span / milliseconds,
    share: changes(series((look) => look.share)),
    highestShare: inOrder.reduce((most, look) => Math.max(most, look.share), 0),
    guards: events.map((event) => guardView({ event, looks: inOrder, time })),
    challengerKeys: thinned(series((look) => look.challengerKeys)),
    championKeys: thinned(series((look) => look.championKeys)),
  };
}

function guardView({
  event,
  looks,
  time,
}: {
  event: string;
  looks: readonly CanaryLook[];
  time: (look: CanaryLook) => number;
}): GuardView {
  const seen = looks.flatMap((look) =>
    look.guards.filter((guard) => guard.event === event).map((guard) => ({ at: time(look), ...guard })),
  );
  const failed = seen.find((guard) => guard.eValue >= guard.threshold);
  return {
    event,
    threshold: seen.at(-1)!.threshold,
    points: thinned(seen.map((guard): [number, number] => [guard.at, guard.eValue])),
    highest: seen.reduce((most, guard) => Math.max(most, guard.eValue), 0),
    last: seen.at(-1)!.eValue,
    failedAt: failed ? failed.at : null,
  };
}
