import type { Command } from 'commander';
import { evidenceSchema } from '../../activities/evidence-file.js';
import { readLooks } from '../../activities/look-log.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { readRecord } from '../../activities/read-record.js';
import { loadJson } from '../../activities/stored-json.js';
import { readAudit } from '../../adapters/store-audit/read-audit.js';
import { verifyAudit } from '../../adapters/store-audit/verify-audit.js';
import { modelOfRelease } from '../../contracts/names.js';
import { storeKeys } from '../../contracts/store-keys.js';
import {
  releaseStory,
  type LoggedEntry,
  type RepeatedDecision,
  type StoryInput,
} from '../../domain/audit/release-story.js';
import type { ReleaseRecord } from '../../domain/release/release-record.js';
import { storyMarkdown, storyText } from '../../report/story.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { asResult, storeOf } from './data/dataset-context.js';

interface ExplainOptions {
  recompute?: boolean;
  markdown?: boolean;
}

const widest = 120;

/** Of this release: entries that name it, moves of aliases for it, and the spec that it went by. */
async function entriesOf({
  store,
  model,
  releaseId,
  record,
}: {
  store: ArtifactStore;
  model: string;
  releaseId: string;
  record: ReleaseRecord | null;
}): Promise<LoggedEntry[]> {
  const all = await readAudit({ store, model });
  return all
    .filter(
      ({ entry }) =>
        entry.releaseId === releaseId ||
        entry.key.split('/').includes(releaseId) ||
        (entry.kind === 'specification' && entry.details['specification'] === record?.specification.sha256),
    )
    .map(({ sequence, at, entry: { kind, actor, reason, evidenceDigest, details } }) => ({
      ...{ sequence, at, kind, actor, reason, evidenceDigest, details },
    }));
}

/** What is wrong with a record: the log has the digest that it was written with. */
async function recordProblems({
  store,
  releaseId,
  entries,
}: {
  store: ArtifactStore;
  releaseId: string;
  entries: readonly LoggedEntry[];
}): Promise<string[]> {
  const noted = entries.map(({ details }) => details['record']).findLast((one) => typeof one === 'string');
  if (noted === undefined) return [];
  const key = storeKeys.record({ releaseId });
  const found = await store.get({ key });
  if (found === null) return [`${key}: is missing, although the log has its digest ${noted}: it was removed`];
  const { sha256 } = found.ref;
  return sha256 === noted ? [] : [`${key}: was edited: its digest is ${sha256}, the log has ${noted}`];
}

async function repeat({ store, releaseId }: { store: ArtifactStore; releaseId: string }): Promise<RepeatedDecision[]> {
  const { recomputeRelease } = await import('./recompute-release.js');
  const parts = await recomputeRelease({ store, releaseId });
  return parts.map(({ part, verdict, from, differences }) => ({
    ...{ part, verdict, from },
    differences: differences.map(({ what, recorded, recomputed }) => ({
      what,
      recorded: String(recorded),
      recomputed: String(recomputed),
    })),
  }));
}

/** Everything that the store knows of a release. Null where it knows nothing. */
async function gather({
  store,
  releaseId,
  recompute,
}: {
  store: ArtifactStore;
  releaseId: string;
  recompute: boolean;
}): Promise<StoryInput | null> {
  const model = modelOfRelease(releaseId);
  if (model === null) throw new CannotRun(`${releaseId}: is no release id; expected one such as support-assistant-r3`);
  const record = await readRecord({ store, releaseId });
  const entries = await entriesOf({ store, model, releaseId, record });
  if (record === null && entries.length === 0) return null;
  const evidence =
    record?.evaluation && (await loadJson({ store, ref: record.evaluation.evidence, schema: evidenceSchema }));
  const { entries: count, problems } = await verifyAudit({ store, model });
  const found = [
    ...problems.map(({ key, problem }) => `${key}: ${problem}`),
    ...(await recordProblems({ store, releaseId, entries })),
  ];
  return {
    releaseId,
    record,
    evaluationGates: (evidence?.verdicts ?? []).map(({ gate }) => gate),
    entries,
    looks: await readLooks({ store, releaseId }),
    repeated: recompute ? await repeat({ store, releaseId }) : null,
    log: { ok: found.length === 0, entries: count, problems: found },
  };
}

/** `audit explain`: the story of a release with its numbers, from its record and the audit log. */
export const addAuditExplain = (audit: Command, context: CommandContext): Command =>
  verb<ExplainOptions>({
    command: audit
      .command('explain')
      .description(
        'tell how a release came about and ended; exit 1 where the log is broken or a decision comes out otherwise',
      )
      .argument('<release>')
      .option('--recompute', 'make every stored decision again and say whether it comes out the same')
      .option('--markdown', 'print Markdown'),
    context,
    run: ({ arguments: [release = ''], options: { recompute = false, markdown = false } }) =>
      asResult(context, async () => {
        const input = await gather({ store: storeOf(context), releaseId: release, recompute });
        if (input === null)
          throw new CannotRun(`${release}: left nothing in the store; check its name and UNDERSTUDY_STORE`);
        const story = releaseStory(input);
        const equal = (input.repeated ?? []).every(({ differences }) => differences.length === 0);
        const columns = Math.min(widest, process.stdout.columns ?? widest);
        return {
          code: input.log.ok && equal ? 0 : 1,
          data: { release, ...story, logUnbroken: input.log.ok, repeated: input.repeated },
          text: markdown ? storyMarkdown(story) : storyText(story, { columns }),
        };
      }),
  });
