import { z } from 'zod';
import type { Look } from './looks.js';

/** What a look lacks of the look before. Counts never go back, so that its telemetry is gone, or began anew. */
export const lostCountsSchema = z.object({
  /** Plan revisions that were counted before and are not in the look. */
  revisions: z.array(z.number().int()),
  /** Kinds of counts, over both arms and all revisions, of which there were more before. */
  fewer: z.array(z.object({ what: z.string(), before: z.number().int(), now: z.number().int() })),
});
export type LostCounts = z.infer<typeof lostCountsSchema>;

export const nothingLost: LostCounts = { revisions: [], fewer: [] };

const keysOf = ({ revisions }: Look): number =>
  revisions.reduce((sum, { arms }) => sum + arms.champion.keys + arms.challenger.keys, 0);

const eventsOf = ({ revisions }: Look, event: string): number =>
  revisions.reduce(
    (sum, { arms }) => sum + (arms.champion.events[event] ?? 0) + (arms.challenger.events[event] ?? 0),
    0,
  );

/**
 * A key, or its first event, may move to an earlier revision, and there to the other arm, when a gateway reports late;
 * it never goes away. So revisions must stay, and each kind of count may not fall in all.
 */
export function lostCounts({ before, look }: { before: Look | null; look: Look }): LostCounts {
  if (before === null) return nothingLost;
  const present = new Set(look.revisions.map(({ revision }) => revision));
  const revisions = before.revisions
    .filter(({ revision, arms }) => arms.champion.keys + arms.challenger.keys > 0 && !present.has(revision))
    .map(({ revision }) => revision);
  const events = new Set(
    before.revisions.flatMap(({ arms }) => [
      ...Object.keys(arms.champion.events),
      ...Object.keys(arms.challenger.events),
    ]),
  );
  const fewer = [
    { what: 'keys', before: keysOf(before), now: keysOf(look) },
    ...[...events].map((event) => ({ what: event, before: eventsOf(before, event), now: eventsOf(look, event) })),
  ].filter((one) => one.now < one.before);
  return { revisions, fewer };
}

/** Why nothing is judged by a look; null where nothing is lost. */
export function lostReason({ revisions, fewer }: LostCounts): string | null {
  if (revisions.length > 0)
    return `the telemetry of plan revision ${revisions.join(', ')} is gone; expected it to be kept until the bake ends`;
  const [first] = fewer;
  if (first === undefined) return null;
  return `counts went back (${first.what} ${first.now} < ${first.before}); the telemetry of a gateway is gone or began anew`;
}
