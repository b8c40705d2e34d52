import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { telemetrySchema, type Telemetry } from '../../domain/rollout/telemetry.js';
import { RoaringBucketSet } from '../bitmap/roaring-bucket-set.js';

/** Where one gateway's counters of one plan revision stand in the store. */
export const telemetryKey = storeKeys.telemetry;

/** Reads a snapshot as it stands under `key`, or says why it can't be trusted. */
export function readSnapshot({ key, body }: { key: string; body: Uint8Array }): Telemetry | { reason: string } {
  const parsed = telemetrySchema.safeParse(parseJson(body));
  if (!parsed.success) return { reason: z.prettifyError(parsed.error) };
  const telemetry = parsed.data;
  const own = telemetryKey(telemetry);
  if (own !== key) return { reason: `it says that it belongs under ${own}` };
  for (const [where, bitmap] of bitmapsOf(telemetry)) {
    try {
      RoaringBucketSet.fromBase64(bitmap).dispose();
    } catch (error) {
      return { reason: `${where}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  return telemetry;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

function* bitmapsOf({ arms, breaker }: Telemetry): Generator<[where: string, bitmap: string]> {
  for (const [arm, { exposed, events }] of Object.entries(arms)) {
    yield [`arms.${arm}.exposed`, exposed];
    for (const [event, { buckets, again }] of Object.entries(events)) {
      yield [`arms.${arm}.events.${event}.buckets`, buckets];
      if (again !== undefined) yield [`arms.${arm}.events.${event}.again`, again];
    }
  }
  for (const { minute, arms: minuteArms } of breaker)
    for (const [arm, { keys, events }] of Object.entries(minuteArms)) {
      yield [`breaker.${minute}.${arm}.keys`, keys];
      for (const [event, buckets] of Object.entries(events))
        yield [`breaker.${minute}.${arm}.events.${event}`, buckets];
    }
}
