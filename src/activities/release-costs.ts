import type { CloseReleaseInput } from '../contracts/recording.js';
import { storeKeys } from '../contracts/store-keys.js';
import { judgingSchema } from './judging/judged-file.js';
import { PortError, type Ports } from './ports.js';
import { readJson } from './stored-json.js';

/** What a release has cost by kind, in US dollars, and what could not be learned of it. */
export interface ReleaseCosts {
  costUsd: Record<string, number>;
  unknown: string[];
}

/**
 * What a release has cost, that of a training job that failed or was stopped included, and what judges were paid in its
 * evaluation. What can't be learned counts as nothing and is said: the record must not wait for it.
 */
export async function releaseCosts({
  store,
  trainer,
  closing: { input, gathered },
}: Pick<Ports, 'store' | 'trainer'> & {
  closing: Pick<CloseReleaseInput, 'input' | 'gathered'>;
}): Promise<ReleaseCosts> {
  const { releaseId, kind, candidate } = input;
  const unknown: string[] = [];
  const learn = async (what: string, ask: () => Promise<number>): Promise<number> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof PortError && error.type === 'NotFound') return 0;
      unknown.push(`what ${what} cost is not known: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  };
  const trains = kind === 'training' && !candidate;
  const training =
    gathered.training?.costUsd ??
    (trains
      ? await learn('training', async () => (await trainer.status({ jobName: `train-${releaseId}` })).costUsd ?? 0)
      : 0);
  const evaluation = await learn('judging', () => judgedFor({ store, releaseId }));
  return {
    costUsd: { training, ...(evaluation > 0 && { evaluation }), ...gathered.rolledOut?.costUsd },
    unknown,
  };
}

/** An evaluation that may stop early leaves a file for each look, which holds what the looks before it cost too. */
async function judgedFor({ store, releaseId }: Pick<Ports, 'store'> & { releaseId: string }): Promise<number> {
  let spent = 0;
  for await (const { key } of store.list({ prefix: storeKeys.release({ releaseId, file: 'evaluation/judging' }) }))
    spent = Math.max(spent, (await readJson({ store, key, schema: judgingSchema }))?.spentUsd ?? 0);
  return spent;
}
