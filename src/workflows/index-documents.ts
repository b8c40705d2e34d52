import { ActivityFailure, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import { indexMessages, type IndexInput, type IndexProgress, type IndexResult } from '../contracts/indexing.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { showDetails } from './shown-text.js';

const batchesAtOnce = 2;

function detailsOf({ version, stage, batches, result }: IndexProgress): string {
  const now = version === null ? 'Documents are listed.' : `Version **${version}**: ${stage}.`;
  const done = batches.all === 0 ? '' : `\n\n${batches.done} of ${batches.all} batches of documents are in.`;
  if (!result) return now + done;
  const { documents, changed, removed, deadLetters, check, switched } = result;
  const end = switched ? 'Answers use it from now on.' : 'It was in use already.';
  const counts = `${documents} documents, ${changed} changed, ${removed} removed, ${deadLetters} dead letters.`;
  const golden = check?.golden ? `, ${check.golden.hits} of ${check.golden.questions} golden questions` : '';
  const checked = check ? ` ${check.chunks} chunks, recall ${check.recall.toFixed(3)}${golden}.` : '';
  return `Version **${result.version}**. ${end}\n\n${counts}${checked}`;
}

/** People learn that the index stands still; the version in use goes on serving. */
async function tellFailure({ model, error }: { model: string; error: unknown }): Promise<void> {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const { workflowId, runId } = workflowInfo();
  await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'tell people that the index was not switched',
  }).sendNotification({
    key: `${workflowId}:${runId}:failed`,
    severity: 'warning',
    title: `${model}: the index was not brought up to date`,
    body: `${(cause as Error).message}. The version in use goes on serving; mend it and run the index again.`,
    model,
    releaseId: null,
  });
}

pinned(index);

/**
 * Brings an index up to date: what changed is embedded into a new version beside the one in use, the version is checked,
 * and the index's name is pointed to it. Nothing is switched half-way, and the version before stays for going back.
 */
export async function index(input: IndexInput): Promise<IndexResult> {
  const { model, specification } = input;
  const work = (summary: string) => activitiesFor({ profile: 'longWork', queue: 'data', summary });
  const progress: IndexProgress = {
    ...{ model, version: null, stage: 'listing', batches: { done: 0, all: 0 }, result: null },
  };
  setHandler(indexMessages.progress, () => progress);
  const show = (change: Partial<IndexProgress>): void => {
    Object.assign(progress, change);
    showDetails(detailsOf(progress));
  };

  async function build(): Promise<IndexResult> {
    const opened = await work('list the documents').openIndex({ specification });
    const { version, plan, batches, changed, removed, kept } = opened;
    if (plan === null) {
      const counts = { documents: kept, changed: 0, removed: 0, deadLetters: 0 };
      return { version, switched: false, ...counts, check: null };
    }
    const step = { specification, plan };
    show({ version, stage: 'copying', batches: { done: 0, all: batches } });
    await work(`lay out ${version}: ${kept} kept, ${changed} changed, ${removed} removed`).stageIndex(step);
    show({ stage: 'embedding' });
    let next = 0;
    const indexNext = async (): Promise<void> => {
      while (next < batches) {
        const batch = next++;
        await work(`index batch ${batch + 1} of ${batches}`).indexBatch({ ...step, batch });
        show({ batches: { done: progress.batches.done + 1, all: batches } });
      }
    };
    await Promise.all(Array.from({ length: batchesAtOnce }, indexNext));
    show({ stage: 'checking' });
    const check = await work(`check ${version}`).checkIndex(step);
    show({ stage: 'switching' });
    return await work(`switch to ${version}`).switchIndex({ ...step, check });
  }

  show({});
  try {
    const result = await build();
    show({ version: result.version, stage: 'ended', result });
    return result;
  } catch (error) {
    if (!isCancellation(error)) await tellFailure({ model, error });
    throw error;
  }
}
