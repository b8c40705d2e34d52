import { z } from 'zod';
import type { GuardSpec } from '../spec/rollout-spec.js';

/** Seconds since 1970 reach it in the year 5138; milliseconds reached it in 1973. */
const latestSeconds = 1e11;

const yesNo = z.preprocess((value) => (value === 0 || value === 1 ? value === 1 : value), z.boolean());

/**
 * One answered request of a canary. Every other field with true or false is an event of its own (`thumbsDown`, `blocked`,
 * `conversion`); other fields are left alone.
 */
export const canaryEventSchema = z.looseObject({
  t: z
    .number()
    .refine(
      (t) => Math.abs(t) < latestSeconds,
      `expected seconds, under ${latestSeconds}; are these milliseconds or less?`,
    )
    .describe('seconds'),
  key: z.union([z.string().min(1), z.number()]).transform(String),
  arm: z.enum(['champion', 'challenger']),
  share: z.number().min(0).max(1).describe("the challenger's share of keys at that time"),
  error: yesNo,
  latencyMs: z.number().min(0).nullish(),
});
export type CanaryEvent = z.infer<typeof canaryEventSchema>;

const known = new Set(['t', 'key', 'arm', 'share', 'error', 'latencyMs', 'slow']);

/** What the default guards of a model spec watch; own events are watched like errors, at the smaller weight. */
const usual: Record<string, Pick<GuardSpec, 'direction' | 'margin'>> = {
  thumbsDown: { direction: 'higher', margin: 0.5 },
  blocked: { direction: 'higher', margin: 0.5 },
  conversion: { direction: 'lower', margin: 0.05 },
};

/**
 * The guards of a file of events: errors, slow answers where an SLO and latencies are known, and each other event that
 * any row carries.
 * @param margin holds for the guards on more events; null leaves each its own (20 %, 50 % for thumbs-down and blocked).
 */
export function guardsFor({
  rows,
  slo,
  margin,
}: {
  rows: readonly CanaryEvent[];
  slo: number | null;
  margin: number | null;
}): GuardSpec[] {
  const own = new Set<string>();
  let timed = false;
  for (const row of rows) {
    timed ||= typeof row.latencyMs === 'number';
    for (const name in row) if (!known.has(name) && typeof row[name] === 'boolean') own.add(name);
  }
  const higher = { direction: 'higher', margin: margin ?? 0.2 } as const;
  return [
    { event: 'error', ...higher, weight: 2 },
    ...(timed && slo !== null ? [{ event: 'slow', ...higher, weight: 2 }] : []),
    ...[...own].sort().map((event) => {
      const { direction, margin: usualMargin } = usual[event] ?? higher;
      return { event, direction, margin: direction === 'higher' ? (margin ?? usualMargin) : usualMargin, weight: 1 };
    }),
  ];
}

/** Whether the event happened at this request. */
export const happened = ({ row, event, slo }: { row: CanaryEvent; event: string; slo: number | null }): boolean =>
  event === 'slow' ? slo !== null && (row.latencyMs ?? 0) > slo : row[event] === true;
