import { storeKeys } from '../contracts/store-keys.js';
import { parseJson } from '../domain/parse-json.js';
import { trafficPlanSchema, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { Ports } from './ports.js';

type Copies = Pick<Ports, 'store'> & { model: string };

/** The highest revision that a copy was kept of, the plan removed since or not; 0 where there is none. */
export async function highestCopy({ store, model }: Copies): Promise<number> {
  let highest = 0;
  for await (const { key } of store.list({ prefix: storeKeys.plans({ model }) })) {
    const revision = /\/([1-9]\d*)\.json$/.exec(key)?.[1];
    if (revision !== undefined) highest = Math.max(highest, Number(revision));
  }
  return highest;
}

/** The copy of one revision; null where there is none that says a plan. */
export async function readCopy({ store, model, revision }: Copies & { revision: number }): Promise<TrafficPlan | null> {
  const found = await store.get({ key: storeKeys.plan({ model, revision }) });
  const parsed = trafficPlanSchema.safeParse(found && parseJson(Buffer.from(found.body).toString()));
  return parsed.success ? parsed.data : null;
}

/** The copy of the highest revision: where no plan stands, that of the one which was removed. */
export async function newestCopy({ store, model }: Copies): Promise<TrafficPlan | null> {
  return await readCopy({ store, model, revision: await highestCopy({ store, model }) });
}
