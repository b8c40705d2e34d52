import { z } from 'zod';

/** Upper bounds of the latency histogram's buckets, in milliseconds; one more bucket counts what lies above. */
export const latencyBounds = [
  10, 25, 50, 100, 200, 300, 450, 600, 800, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 30_000,
] as const;

/**
 * So long a gateway's counters may be silent: then watchers hold, and the gateway itself, which nobody hears, gives nobody
 * to a challenger.
 */
export const silenceMilliseconds = 5 * 60_000;

const count = z.number().int().min(0);
const bitmap = z.string().describe('portable Roaring bitmap of sticky-key buckets, base64');

const armTelemetrySchema = z.object({
  exposed: bitmap,
  requests: count,
  latency: z.array(count).length(latencyBounds.length + 1),
  events: z.record(
    z.string(),
    z.object({
      count,
      buckets: bitmap,
      again: bitmap.optional().describe('buckets with the event more than once; older gateways leave it out'),
    }),
  ),
});

/** One minute of first requests by key, for the absolute limits. */
const breakerMinuteSchema = z.object({
  minute: z.number().int().describe('minutes since 1970'),
  arms: z.record(z.enum(['champion', 'challenger']), z.object({ keys: bitmap, events: z.record(z.string(), bitmap) })),
});

/** What one gateway has counted under one plan revision since that revision began; cumulative, merged by OR. */
export const telemetrySchema = z.object({
  model: z.string().min(1),
  gateway: z.string().min(1),
  revision: z.number().int().min(1),
  at: z.iso.datetime(),
  arms: z.object({ champion: armTelemetrySchema, challenger: armTelemetrySchema }),
  breaker: z.array(breakerMinuteSchema),
  ended: z.boolean().optional().describe('the last write of a gateway that has drained; a later start takes it back'),
  suspended: z
    .boolean()
    .optional()
    .describe('a gateway that stands still between requests, and writes before each answer goes out'),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
export type ArmTelemetry = z.infer<typeof armTelemetrySchema>;
