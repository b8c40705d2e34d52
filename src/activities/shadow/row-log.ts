import { storeKeys } from '../../contracts/store-keys.js';
import { shadowRowSchema, type ShadowRow } from '../../domain/rollout/shadow/shadow-row.js';
import type { ArtifactStore } from '../ports.js';
import { openStoredRows, rowsOf, type StoredRows } from '../stored-rows.js';

/** Rows of a shadow in the order in which they were judged. */
export type RowLog = StoredRows<ShadowRow>;

/** Opens the rows of a release's shadow with those that an earlier attempt has stored. */
export const openRowLog = ({ store, releaseId }: { store: ArtifactStore; releaseId: string }): Promise<RowLog> =>
  openStoredRows({
    store,
    prefix: storeKeys.release({ releaseId, file: 'shadow/rows-' }),
    schema: shadowRowSchema,
  });

/** The rows behind references, in order: what a shadow's verdict is computed from. */
export const rowsOfText = (text: string): ShadowRow[] => rowsOf({ text, schema: shadowRowSchema });
