import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import type { Withdrawal } from '../domain/release/lifecycle-state.js';
import { withdrawnLater, type ReleaseRecord } from '../domain/release/release-record.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Ports } from './ports.js';
import { createRecordPublisher } from './record-publishing.js';
import { readRecord } from './read-record.js';

/** What a record and the audit log tell of a rollback that took users off a champion. */
export function createWithdrawalActivities(
  ports: Pick<Ports, 'store' | 'registry' | 'reports' | 'audit' | 'notifier' | 'router'>,
) {
  const { store, registry, audit, router } = ports;
  const publishRecord = createRecordPublisher(ports);

  /** Writes over the record where it does not say so yet; null where the release has none. */
  async function amend({
    releaseId,
    amended,
  }: {
    releaseId: string;
    amended: (record: ReleaseRecord) => ReleaseRecord;
  }): Promise<{ record: ReleaseRecord; ref: ArtifactRef } | null> {
    const standing = await readRecord({ store, releaseId });
    if (!standing) return null;
    const record = amended(standing);
    const written = { key: storeKeys.record({ releaseId }), body: Buffer.from(canonicalJson(record)) };
    return { record, ref: record === standing ? (await store.get(written))!.ref : await store.put(written) };
  }

  return {
    /**
     * Says in the record of a champion that users were taken off it, in that of the release which serves again that they
     * are back on it, and in the audit log who asked for that and why. Each step does nothing where it was done. A
     * release that serves by now, since somebody has gone back to it, is not called withdrawn.
     */
    async recordWithdrawal({ model, withdrawal }: { model: string; withdrawal: Withdrawal }): Promise<void> {
      const { step, releaseId, to, by, reason, at } = withdrawal;
      const serves = (await router.read({ model }))?.champion.releaseId;
      const taken = `users were taken off it and given to ${to}, rollback by ${by}: ${reason}`;
      const given = `users were given back to it from ${releaseId}, rollback by ${by}: ${reason}`;
      const parts = [
        {
          ...{ releaseId, told: taken, details: { withdrawnAt: at, to } },
          amended: (record: ReleaseRecord): ReleaseRecord =>
            record.outcome === 'promoted' && record.withdrawnAt === null && serves !== releaseId
              ? { ...record, withdrawnAt: at, reasons: withReason(record, taken) }
              : record,
        },
        {
          ...{ releaseId: to, told: given, details: { from: releaseId } },
          amended: (record: ReleaseRecord): ReleaseRecord =>
            withdrawnLater(record) && serves === to
              ? { ...record, withdrawnAt: null, reasons: withReason(record, given) }
              : record,
        },
      ];
      const changed: ReleaseRecord[] = [];
      for (const { told, details, ...part } of parts) {
        const found = await amend(part);
        await audit.append({
          model,
          entry: {
            ...{
              key: `${step}/${part.releaseId}`,
              kind: 'rollback',
              actor: by,
              releaseId: part.releaseId,
              reason: told,
            },
            evidenceDigest: found?.record.evidenceDigest ?? null,
            details: { ...details, at, ...(found && { record: found.ref.sha256 }) },
          },
        });
        if (found?.record.reasons.includes(told)) changed.push(found.record);
      }
      // What is made from a record needs MLflow too, which no word in the audit log waits for.
      for (const record of changed) {
        const { runId } =
          record.tracking ?? (await registry.ensureRun({ model, releaseId: record.releaseId, tags: {} }));
        await publishRecord({ record, runId, tells: false });
      }
    },
  };
}

const withReason = ({ reasons }: ReleaseRecord, reason: string): string[] => [...new Set([...reasons, reason])];
