import type { ArtifactRef } from '../domain/artifact-ref.js';
import { lifecycleSettings, mostWaiting } from '../domain/release/admission.js';
import type { ReleaseRecord } from '../domain/release/release-record.js';
import { releaseNumber, remainsOf, unrecordedChampion, type Remains } from '../domain/release/remains.js';
import { releaseIdOf, workflowIds } from '../contracts/names.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { Clock } from './clock.js';
import { PortError, type Ports } from './ports.js';
import { readPause } from './pauses.js';
import { readAhead } from './read-ahead.js';
import { readRecord } from './read-record.js';
import { loadSpecification } from './specifications.js';

export interface OpenedLifecycle {
  settings: ReturnType<typeof lifecycleSettings>;
  /** Null where `unrecorded` has to end first. */
  remains: Remains | null;
  /** What takes a slot; empty where the platform could not say, as the users need the lifecycle now. Absent in older histories. */
  served?: string[];
  /** The release that serves everyone and has not left its record yet. */
  unrecorded: string | null;
}

/** The beginning of a lifecycle, which may come after an earlier one of the same model that was lost. */
export function createLifecycleActivities({
  store,
  router,
  registry,
  lifecycles,
  serving,
  clock,
}: Pick<Ports, 'store' | 'router' | 'registry' | 'lifecycles' | 'serving'> & { clock: Clock }) {
  /** The releases that the store knows of, by number. */
  async function storedNumbers(model: string): Promise<Set<number>> {
    const numbers = new Set<number>();
    for await (const { key } of store.list({ prefix: storeKeys.releases({ model }) })) {
      const number = releaseNumber({ model, releaseId: key.split('/')[1]! });
      if (number !== null) numbers.add(number);
    }
    return numbers;
  }

  /** The highest number after `known` whose release runs and has left nothing yet; those before it may wait still. */
  async function newestRunning({ model, known }: { model: string; known: number }): Promise<number> {
    for (let number = known + mostWaiting + 1; number > known; number -= 1)
      if (await lifecycles?.isRunning({ workflowId: workflowIds.release(releaseIdOf({ model, number })) }))
        return number;
    return known;
  }

  return {
    /** The settings of the first spec, and what is there of the model: traffic plan, aliases, releases in the store, pause. */
    async openLifecycle({
      model,
      specification,
      ended = null,
    }: {
      model: string;
      specification: ArtifactRef;
      /** The release that was waited for: if it has no record now, it will get none. */
      ended?: string | null;
    }): Promise<OpenedLifecycle> {
      const { spec } = await loadSpecification({ store, ref: specification });
      const settings = lifecycleSettings(spec);
      const plan = await router.read({ model });
      const aliases = await Promise.all(
        ['champion', 'challenger'].map((alias) => registry.aliasTarget({ model, alias })),
      );
      const stored = await storedNumbers(model);
      const named = [plan?.champion, plan?.challenger, ...aliases].flatMap((one) =>
        one ? (releaseNumber({ model, releaseId: one.releaseId }) ?? []) : [],
      );
      const records: ReleaseRecord[] = [];
      const read = (number: number) => readRecord({ store, releaseId: releaseIdOf({ model, number }) });
      for await (const record of readAhead({ things: stored, read })) if (record) records.push(record);
      const releaseCount = await newestRunning({ model, known: Math.max(0, ...stored, ...named) });
      const unrecorded = unrecordedChampion({ model, plan, records });
      if (unrecorded !== null && unrecorded !== ended) return { settings, remains: null, unrecorded };
      try {
        const { keepReleases } = settings;
        const paused = await readPause({ store, model });
        const found = { model, plan, releaseCount, records, named: stored, paused, ended };
        const remains = remainsOf({ ...found, keepReleases, now: clock.now() });
        const served = await serving.served({ model }).catch(() => []);
        return { settings, remains, served, unrecorded: null };
      } catch (error) {
        if (error instanceof RangeError) throw new PortError('InvalidInput', error.message, null, { cause: error });
        throw error;
      }
    },
  };
}
