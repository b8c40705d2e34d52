import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { releaseRecordSchema, type ReleaseRecord } from '../domain/release/release-record.js';
import type { ReportInput, ReportTraining } from '../domain/report/report-input.js';
import type { JudgedLook } from '../domain/rollout/looks.js';
import { approvalEntry } from './approval-audit.js';
import { evidenceSchema } from './evidence-file.js';
import { readLooks } from './look-log.js';
import { cardOf } from './model-card.js';
import { PortError, type Ports } from './ports.js';
import { readShadow } from './shadow/shadow-evidence.js';
import { loadJson, parsed } from './stored-json.js';

const canaryOf = (judged: JudgedLook[]): ReportInput['canary'] =>
  judged.length === 0
    ? null
    : {
        looks: judged.map(({ look, guards }) => {
          const last = look.revisions.at(-1);
          const keys = (arm: 'champion' | 'challenger'): number =>
            look.revisions.reduce((sum, one) => sum + one.arms[arm].keys, 0);
          return {
            at: look.at,
            share: last?.share ?? 0,
            revision: last?.revision ?? 0,
            guards,
            challengerKeys: keys('challenger'),
            championKeys: keys('champion'),
          };
        }),
      };

/** The record of a release as it stands in the store. */
interface StandingRecord {
  record: ReleaseRecord;
  ref: ArtifactRef;
  body: Uint8Array;
}

/**
 * Writes a release's record and all that follows from it: report and model card in the store and at the run, the run
 * closed, the approvals and the end audited, people told. Each step does nothing where it was done, so that whoever finds
 * a record can go on where its writer was lost.
 *
 * The first record stands: an attempt that was given up may land long after the release was lost and its record amended.
 * Only `amends` writes over it.
 * @returns the record that stands, which another writer may have made
 */
export function createRecordPublisher({
  store,
  registry,
  reports,
  audit,
  notifier,
}: Pick<Ports, 'store' | 'registry' | 'reports' | 'audit' | 'notifier'>) {
  async function trainingSeries(runId: string): Promise<ReportTraining> {
    const [loss, validationLoss, learningRate] = await Promise.all(
      ['loss', 'validationLoss', 'learningRate'].map((metric) => registry.metricHistory({ runId, metric })),
    );
    return { loss: loss!, validationLoss: validationLoss!, learningRate: learningRate! };
  }

  /** What the report of a release is made from, read back from the store and the run. */
  async function reportInput(record: ReleaseRecord): Promise<ReportInput> {
    const { releaseId } = record;
    const evidence =
      record.evaluation && (await loadJson({ store, ref: record.evaluation.evidence, schema: evidenceSchema }));
    const training = record.training && record.tracking ? await trainingSeries(record.tracking.runId) : null;
    return {
      record,
      evaluation: evidence?.report ?? null,
      training,
      canary: canaryOf(await readLooks({ store, releaseId })),
      shadow: await readShadow({ store, releaseId }),
    };
  }

  async function standingRecord(releaseId: string): Promise<StandingRecord> {
    const key = storeKeys.record({ releaseId });
    const stored = await store.get({ key });
    if (!stored) throw new PortError('NotFound', `${key} was removed while what follows from it was written`);
    return { ...stored, record: parsed({ name: key, body: stored.body, schema: releaseRecordSchema }) };
  }

  async function follow({
    record,
    ref,
    body,
    runId,
    tells,
  }: StandingRecord & { runId: string; tells: boolean }): Promise<void> {
    const { releaseId, model } = record;
    const shown = await reportInput(record);
    await store.put({ key: storeKeys.reportInput({ releaseId }), body: Buffer.from(canonicalJson(shown)) });
    const html = Buffer.from(await reports.release(shown));
    await store.put({ key: storeKeys.report({ releaseId }), body: html });
    await registry.putArtifact({ runId, path: 'record.json', body });
    await registry.putArtifact({ runId, path: 'report.html', body: html });
    const card = Buffer.from(await cardOf({ store, record }));
    await store.put({ key: storeKeys.modelCard({ releaseId }), body: card });
    await registry.putArtifact({ runId, path: 'README.md', body: card });
    const version = record.tracking?.modelVersion ?? null;
    if (version !== null)
      await registry.setVersionTags({ model, version, tags: { 'understudy.card': `runs:/${runId}/README.md` } });
    await registry.setTags({
      runId,
      tags: { 'understudy.outcome': record.outcome, 'understudy.stage': record.stage },
    });
    await registry.endRun({ runId, succeeded: record.outcome === 'promoted' });
    for (const approval of record.approvals)
      await audit.append({ model, entry: approvalEntry({ releaseId, approval }) });
    await audit.append({
      model,
      entry: {
        key: `ended/${releaseId}`,
        kind: 'decision',
        actor: `release:${releaseId}`,
        releaseId,
        reason: `${record.outcome} in ${record.stage}: ${record.reasons.join('; ')}`,
        evidenceDigest: record.evidenceDigest,
        details: {
          outcome: record.outcome,
          record: ref.sha256,
          verdicts: record.verdicts.map(({ gate, verdict, reason }) => ({ gate, verdict, reason })),
        },
      },
    });
    if (!tells) return;
    await notifier.notify({
      key: `${releaseId}/ended`,
      severity: record.outcome === 'promoted' && record.withdrawnAt === null ? 'info' : 'warning',
      title: `${releaseId}: ${record.outcome}`,
      body: record.reasons.join('\n'),
      model,
      releaseId,
    });
  }

  return async ({
    record,
    runId,
    amends = false,
    tells = true,
  }: {
    record: ReleaseRecord;
    runId: string;
    amends?: boolean;
    /** Whether people may not know of the end yet; weeks later no channel remembers that it has told them. */
    tells?: boolean;
  }): Promise<Pick<StandingRecord, 'record' | 'ref'>> => {
    const { releaseId } = record;
    const written = { key: storeKeys.record({ releaseId }), body: Buffer.from(canonicalJson(record)) };
    await (amends ? store.put(written) : store.putIfAbsent(written));
    let standing = await standingRecord(releaseId);
    for (;;) {
      await follow({ ...standing, runId, tells });
      // Whoever has amended it meanwhile may be done already, and this report have been written over theirs.
      const now = await standingRecord(releaseId);
      if (now.ref.sha256 === standing.ref.sha256) return now;
      standing = now;
    }
  };
}
