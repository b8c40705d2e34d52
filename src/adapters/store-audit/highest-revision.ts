import { highestCopy } from '../../activities/plan-copies.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { planEntryKey, revisionOfKey } from '../../domain/audit/plan-entry.js';
import { catchUp, nothingKnown, openLog, readRecord, type KnownLog } from './known-log.js';

/**
 * The highest revision that any traffic plan of a model is known to have had, by its log and by the copies of plans; 0
 * where there was none. A plan that is removed leaves both.
 * @throws PortError `InvalidInput` naming a record that is none.
 */
export async function highestRevision({ store, model }: { store: ArtifactStore; model: string }): Promise<number> {
  return Math.max(...(await Promise.all([highestCopy({ store, model }), highestLogged({ store, model })])));
}

async function highestLogged({ store, model }: { store: ArtifactStore; model: string }): Promise<number> {
  const known = await openLog({ store, model });
  await catchUp({ store, model, known });
  const highest = highestOf(known);
  if (highest === null || highest.sequence > known.unread) return highest?.revision ?? 0;
  const record = await readRecord({ store, model, sequence: highest.sequence });
  if (record?.entry.key === planEntryKey(highest.revision)) return highest.revision;
  // The index says what the log does not.
  const anew = nothingKnown();
  await catchUp({ store, model, known: anew });
  return highestOf(anew)?.revision ?? 0;
}

function highestOf({ sequences }: KnownLog): { revision: number; sequence: number } | null {
  let highest: { revision: number; sequence: number } | null = null;
  for (const [key, sequence] of sequences) {
    const revision = revisionOfKey(key);
    if (revision !== null && revision > (highest?.revision ?? 0)) highest = { revision, sequence };
  }
  return highest;
}
