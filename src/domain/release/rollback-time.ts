import { z } from 'zod';

/** How long a rollback took, from the evidence to the moment at which no gateway sent anybody to the challenger. */
export const rollbackTimeSchema = z.object({
  /** When the evidence, or a person's word, was there. */
  evidenceAt: z.iso.datetime(),
  /** When the plan that gives the champion everyone was written. */
  planAt: z.iso.datetime(),
  revision: z.number().int().min(1),
  /** Gateways that served before, each with when it went by the plan; null where it has not said so in time. */
  gateways: z.array(z.object({ gateway: z.string(), at: z.iso.datetime().nullable() })),
  /** From the evidence to the last gateway; null where one has not said so, or there was none. */
  seconds: z.number().min(0).nullable(),
});
export type RollbackTime = z.infer<typeof rollbackTimeSchema>;

/** One sentence about it. */
export function rollbackSentence({ evidenceAt, planAt, gateways, seconds }: RollbackTime): string {
  const toPlan = Math.max(0, Date.parse(planAt) - Date.parse(evidenceAt)) / 1000;
  const plan = `the plan was written ${toPlan.toFixed(1)} s after the evidence`;
  if (gateways.length === 0) return `${plan}; no gateway was there to go by it`;
  if (seconds !== null)
    return `0 % at all ${gateways.length} gateways ${seconds.toFixed(1)} s after the evidence; ${plan}`;
  const silent = gateways.filter(({ at }) => at === null).map(({ gateway }) => gateway);
  return `${plan}; not heard of since: ${silent.join(', ')}`;
}
